import { loadSettings } from '../../../src/config/load.js';
import type { Settings } from '../../../src/config/settings.js';
import { createGateway } from '../../../src/gateway.js';
import type { Health } from '../../../src/gateway/health.js';
import type { Explanation } from '../../../src/protocol/explain/explanation.js';
import { latest } from '../../../src/streams/latest.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { BehaviorSubject } from 'rxjs';
import { startService, type Service } from '../../backends/rest/startService.js';
import { ask } from '../../support/ask.js';
import { responseOf, type SeenMessage } from '../../support/messagesOf.js';
import { modernCall, modernRequest } from '../../support/modern.js';
import { samples } from '../../support/samples.js';

/** A gateway with a REST server `orders` behind it that has the tools `get`, `refund` and `export`. */
export interface PolicyStory {
  readonly service: Service;
  readonly port: number;
  /** The lines of the log, those of one event. */
  logged(event: string): readonly Readonly<Record<string, unknown>>[];
  call(tool: string, args?: Readonly<Record<string, unknown>>): Promise<SeenMessage>;
  /** Names of the tools that are listed. */
  tools(): Promise<readonly string[]>;
  health(): Health;
  /** What would become of a call. */
  explain(tool: string, args?: Readonly<Record<string, unknown>>): Promise<Explanation>;
  metrics(): Promise<ReadonlyMap<string, number>>;
  configure(yaml: string): void;
  close(): Promise<void>;
}

const server = (url: string, more: string) => `
servers:
  orders:
    type: rest
    url: ${url}
    ${more}
    tools:
      get: { path: '/orders/{id}', annotations: { readOnlyHint: true } }
      refund: { method: POST, path: '/refunds', input_schema: { type: object } }
      export: { path: '/export' }
`;

/**
 * @param yaml what the configuration has besides
 * @param more what the server has besides, on one line
 */
export const policyStory = async (yaml: string, more = ''): Promise<PolicyStory> => {
  const service = await startService();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const log: Log = { ...silent, info: note, warn: note, error: note };
  const parse = (text: string): Settings =>
    loadSettings(
      `listen: { port: 0 }\nadmin: { port: 0 }\ndrain_timeout: 1s\n${server(service.url, more)}\n${text}\n`,
      { file: 'test.yaml', env: {}, baseDir: process.cwd() },
    );
  const settings = new BehaviorSubject(parse(yaml));
  const gateway = createGateway(latest(settings, settings.value), { log, version: '0.0.0-test' });
  const { url } = await gateway.listen();
  await gateway.ready();
  const port = Number(new URL(url).port);
  return {
    service,
    port,
    logged: (event) => lines.filter((line) => line['event'] === event),
    call: (tool, args = {}) => modernCall(port, `orders_${tool}`, args),
    async tools() {
      const { result } = responseOf(await ask(port, modernRequest('tools/list')));
      const { tools } = result as { readonly tools: readonly { readonly name: string }[] };
      return tools.map(({ name }) => name.replace('orders_', ''));
    },
    health: () => gateway.health(),
    explain: async (tool, args) =>
      gateway.inside.explain({
        method: 'tools/call',
        name: `orders_${tool}`,
        ...(args !== undefined && { arguments: args }),
        as: { user: 'ann' },
      }),
    metrics: async () => samples(await gateway.metrics().metrics()),
    configure: (next) => settings.next(parse(next)),
    async close() {
      await gateway.close();
      await service.close();
    },
  };
};
