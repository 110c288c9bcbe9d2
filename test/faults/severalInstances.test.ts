import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startInstance, type InstanceProcess } from '../support/startInstance.js';
import { constantLoad } from './constantLoad.js';

/** Moderate: the machine that tests run on does other things as well. `SLUICE_FAULT_RATE` for more. */
const perSecond = Number(process.env['SLUICE_FAULT_RATE'] ?? 100);
const hurtMs = 1500;
const cooldownMs = 1000;
const pings = { intervalMs: 200, timeoutMs: 300 };
/** The longest cooldown, two pings (each a tenth late) and what a busy machine needs. */
const recoveryMs = cooldownMs + 2 * pings.intervalMs * 1.1 + 1000;

type Harm = readonly [
  name: string,
  hurt: (instance: InstanceProcess) => unknown,
  heal: (instance: InstanceProcess) => unknown,
];
const harms: readonly Harm[] = [
  ['is killed', (one) => one.kill(), (one) => one.restart()],
  ['is frozen (SIGSTOP)', (one) => one.signal('SIGSTOP'), (one) => one.signal('SIGCONT')],
  ['answers 500', (one) => one.be('failing'), (one) => one.be('well')],
  ['accepts and never answers', (one) => one.be('silent'), (one) => one.be('well')],
];

interface SeenInstance {
  readonly status: string;
  readonly breaker: string;
}

for (const [name, hurt, heal] of harms)
  describe(`One of three instances ${name} under ${perSecond} calls a second`, function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
    const files = [0, 1, 2].map((index) => join(folder, `instance${index}`));
    let instances: readonly InstanceProcess[];
    let gateway: RunningGateway;

    const done = (index: number): readonly string[] =>
      readFileSync(files[index] as string, 'utf8')
        .split('\n')
        .filter(Boolean);
    const seen = async (): Promise<readonly SeenInstance[]> => {
      const health = (await fetch(`${gateway.adminUrl}/healthz`).then((answer) => answer.json())) as {
        servers: { instances: SeenInstance[] }[];
      };
      return health.servers[0]?.instances ?? [];
    };

    before(async () => {
      for (const file of files) writeFileSync(file, '');
      instances = await Promise.all(files.map(startInstance));
      gateway = await startGateway(
        `  many:
    urls: [${instances.map(({ url }) => `"${url}"`).join()}]
    timeout: 2s
    circuit_breaker: { failures: 3, cooldown: 300ms, max_cooldown: ${cooldownMs}ms }
    health_check: { interval: ${pings.intervalMs}ms, timeout: ${pings.timeoutMs}ms }
    retry: { attempt_timeout: 400ms }`,
      );
    });
    after(async () => {
      await gateway.close();
      await Promise.all(instances.map((instance) => instance.kill()));
      rmSync(folder, { recursive: true });
    });

    it('fails no repeatable call, does nothing twice, and takes it back within the cooldown', async () => {
      const [, victim] = instances;
      assert.ok(victim !== undefined);
      const load = constantLoad(gateway.port, perSecond);
      await eventually(10_000, 'calls on each instance', () =>
        [0, 1, 2].every((index) => done(index).length > 5),
      );

      await hurt(victim);
      await eventually(5000, 'the trouble', async () => {
        const state = (await seen())[1];
        return state?.breaker !== 'closed' || state.status === 'unhealthy';
      });
      await delay(hurtMs);
      const before = done(1).length;
      await heal(victim);
      const healedAt = performance.now();
      // What was under way when it was frozen may still be done; what comes later shows that it is used again.
      await eventually(10_000, 'the recovery', async () => {
        const state = (await seen())[1];
        return state?.breaker === 'closed' && state.status === 'healthy' && done(1).length > before + 5;
      });
      const tookMs = Math.round(performance.now() - healedAt);
      const { reads, failedReads, pays, paid, slowestReadMs } = await load.stop();

      const executed = [0, 1, 2].flatMap(done).filter((line) => line.startsWith('pay '));
      const twice = executed.length - new Set(executed).size;
      const known = new Set(executed);
      const invented = paid.filter((key) => !known.has(`pay ${key}`));
      if (process.env['SLUICE_FAULT_REPORT'] !== undefined)
        console.log(
          `| ${name} | ${reads} | ${failedReads.length} | ${Math.round(slowestReadMs)} | ${pays} | ${pays - paid.length} | ${twice} | ${tookMs} |`,
        );
      assert.deepEqual(failedReads, []);
      assert.equal(twice, 0, 'payments made twice');
      assert.deepEqual(invented, [], 'payments said to be made that were not');
      assert.ok(tookMs <= recoveryMs, `the recovery took ${tookMs} ms`);
    });
  });
