import assert from 'node:assert/strict';
import { cuttingProxy } from '../../support/cuttingProxy.js';
import { startGateway } from '../../support/startGateway.js';
import { work, type BackendKind, type Work } from './backend.js';
import type { Harm } from './harms.js';
import { instanceStates } from './instanceStates.js';
import type { Instance } from './startInstance.js';
import { startLoad, type LoadReport } from './startLoad.js';

/** Slower than a call takes on a machine that is busy with other things, or being hurt could not be told from that. */
const pings = { intervalMs: 300, timeoutMs: 1000 };
const attemptMs = 1000;
const cooldownMs = 1000;
/** The longest cooldown; two pings, a tenth late each, after one that was just missed; and what a busy machine needs. */
export const recoveryMs = cooldownMs + 2 * pings.intervalMs * 1.1 + pings.timeoutMs + 1000;

/** Of twenty calls nine are reads, nine payments, and one of each is streamed. */
const rota: readonly Work[] = Array.from({ length: 10 }, (_, index) => index).flatMap((index): Work[] =>
  index === 0 ? ['export', 'transfer'] : ['read', 'pay'],
);

export interface Measured extends LoadReport {
  /** What the slowest hundredth of all calls took before anything was hurt, in milliseconds. */
  readonly usualMs: number;
  /** What kept it from being hurt and healed to the end. */
  readonly trouble: unknown;
  /** For each victim: from healing it until its breaker is closed, its pings are well and calls reach it. */
  readonly recoveriesMs: readonly number[];
  /** What all instances have done, a line a call. */
  readonly done: readonly string[];
}

const serverOf = (kind: BackendKind, ports: readonly number[]): string => {
  const path = kind === 'rest' ? '' : '/mcp';
  const tools = Object.entries(work).map(
    ([what, { repeatable, parts }]) =>
      `      ${what}: { description: works, path: /${what}, method: ${repeatable ? 'GET' : 'POST'}, streaming: ${parts > 0},` +
      ` input_schema: { type: object, properties: { key: { type: string } } }, annotations: { readOnlyHint: ${repeatable} } }`,
  );
  return `  many:
    ${kind === 'rest' ? 'type: rest' : `protocol: ${kind}`}
    urls: [${ports.map((port) => `"http://127.0.0.1:${port}${path}"`).join()}]
    timeout: 10s
    circuit_breaker: { failures: 3, cooldown: 500ms, max_cooldown: ${cooldownMs}ms }
    health_check: { interval: ${pings.intervalMs}ms, timeout: ${pings.timeoutMs}ms }
    retry: { attempt_timeout: ${attemptMs}ms }
${kind === 'rest' ? `    tools:\n${tools.join('\n')}` : ''}`;
};

/** Puts a gateway in front of three instances and a constant load on it, and does one kind of harm to them. */
export const hurtUnderLoad = async (
  kind: BackendKind,
  instances: readonly Instance[],
  harm: Harm,
  perSecond: number,
): Promise<Measured> => {
  const before = new Set(instances.flatMap((one) => one.done()));
  const states = instanceStates();
  const [first = 0] = harm.victims;
  const way = await cuttingProxy(instances[first]?.port ?? 0);
  const ports = instances.map(({ port }, index) => (harm.onTheWay && index === first ? way.port : port));
  const gateway = await startGateway(serverOf(kind, ports), {}, states.log);
  const load = startLoad({
    port: gateway.port,
    perSecond,
    rota: rota.map((what) => ({ tool: `many_${what}`, parts: work[what].parts })),
  });
  const recoveriesMs: number[] = [];
  const hurtOneByOne = async (): Promise<void> => {
    for (const index of harm.victims) {
      const [victim, port] = [instances[index], ports[index]];
      assert.ok(victim !== undefined && port !== undefined);
      await harm.hurt(victim, way);
      await states.until(
        port,
        'the trouble',
        ({ breaker, health }) => breaker !== 'closed' || health === 'unhealthy',
      );
      await load.after(harm.calls);
      await harm.heal(victim, way);
      const healedAt = performance.now();
      await states.until(
        port,
        'the recovery',
        ({ breaker, health }) => breaker === 'closed' && health === 'healthy',
      );
      await victim.called();
      recoveriesMs.push(Math.round(performance.now() - healedAt));
    }
  };
  try {
    await Promise.all(instances.map((one) => one.called()));
    const usualMs = await load.after(perSecond / 2);
    const trouble: unknown = await hurtOneByOne().then(
      () => undefined,
      (error: unknown) => error,
    );
    const report = await load.stop();
    const done = instances.flatMap((one) => one.done()).filter((line) => !before.has(line));
    return { ...report, usualMs, trouble, recoveriesMs, done };
  } finally {
    load.close();
    await gateway.close();
    await way.close();
  }
};
