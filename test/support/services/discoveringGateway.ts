import { BehaviorSubject } from 'rxjs';
import { loadSettings } from '../../../src/config/load.js';
import type { Settings } from '../../../src/config/settings.js';
import { createGateway } from '../../../src/gateway.js';
import type { Health } from '../../../src/gateway/health.js';
import { latest } from '../../../src/streams/latest.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { ask } from '../ask.js';
import { responseOf } from '../messagesOf.js';
import { modernRequest } from '../modern.js';
import { eventually } from '../eventually.js';
import { samples } from '../samples.js';

/** A gateway whose servers come from Consul. */
export interface DiscoveringGateway {
  readonly port: number;
  health(): Health;
  /** The status of `/readyz`. */
  readiness(): Promise<number>;
  /** What `/metrics` says of discovery, by name without `mcp_gateway_discovery_`. */
  metrics(): Promise<Readonly<Record<string, number>>>;
  /** Names of the tools that clients see, in their order. */
  tools(namespace?: string): Promise<readonly string[]>;
  /** The tools as clients see them. */
  definitions(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Waits until clients see these tools and no others; gives how long it took, in milliseconds. */
  showing(names: readonly string[], ms?: number): Promise<number>;
  /** Waits until something has come true that nobody announces. */
  settled(isTrue: () => Promise<boolean>): Promise<void>;
  /** Takes another configuration, as an edited file would. */
  configure(yaml: string): void;
  close(): Promise<void>;
}

/**
 * Starts it in this process and waits until it is ready.
 *
 * @param yaml the configuration, without `listen` and `admin`
 */
export const discoveringGateway = async (yaml: string, log: Log = silent): Promise<DiscoveringGateway> => {
  const parse = (text: string): Settings =>
    loadSettings(`listen: { port: 0 }\nadmin: { port: 0 }\ndrain_timeout: 1s\n${text}\n`, {
      file: 'test.yaml',
      env: {},
      baseDir: process.cwd(),
    });
  const settings = new BehaviorSubject(parse(yaml));
  const gateway = createGateway(latest(settings, settings.value), { log, version: '0.0.0-test' });
  const { url, adminUrl } = await gateway.listen();
  await gateway.ready();
  const port = Number(new URL(url).port);
  const list = async (namespace?: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const path = namespace === undefined ? '/mcp' : `/mcp/${namespace}`;
    const answer = responseOf(await ask(port, { path, ...modernRequest('tools/list') }));
    const { tools } = answer.result as { readonly tools: readonly Readonly<Record<string, unknown>>[] };
    return tools;
  };
  const tools = async (namespace?: string): Promise<readonly string[]> =>
    (await list(namespace)).map(({ name }) => String(name));
  return {
    port,
    health: gateway.health,
    readiness: async () => (await fetch(new URL('/readyz', adminUrl))).status,
    async metrics() {
      const response = await fetch(new URL('/metrics', adminUrl));
      const found = [...samples(await response.text())].flatMap(([name, value]) => {
        const [, short] = /^mcp_gateway_discovery_(\w+)\{source="consul"\}$/.exec(name) ?? [];
        return short === undefined ? [] : [[short, value]];
      });
      return Object.fromEntries(found);
    },
    tools,
    definitions: () => list(),
    async showing(names, ms = 10_000) {
      const began = performance.now();
      const wanted = [...names].sort().join();
      await eventually(ms, `tools/list being [${wanted}]`, async () => (await tools()).join() === wanted);
      return performance.now() - began;
    },
    settled: (isTrue) => eventually(5000, 'the change taking effect', isTrue),
    configure: (next) => settings.next(parse(next)),
    close: () => gateway.close(),
  };
};
