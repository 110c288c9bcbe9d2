import { ask } from '../../support/ask.js';
import { text } from '../../support/mcpTools.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { startGateway } from '../../support/startGateway.js';
import { startMcpBackend } from '../../support/startMcpBackend.js';
import type { Place } from './keycloakFor.js';

/** A gateway that believes Keycloak, in front of one server `crm` with the tools `echo` and `update`. */
export interface Guarded {
  readonly url: string;
  /** How many calls have come to the server. */
  readonly calls: number;
  /** Fields of its log lines so far. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Calls `crm_echo`, or another tool, with a token. */
  call(token: string | undefined, tool?: string): Promise<RawAnswer>;
  /** Names of the tools that the holder of a token sees. */
  tools(token: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Starts both, where tokens are for.
 *
 * @param yaml the configuration besides
 * @param server more settings of the server, beginning with a comma
 */
export const startGuarded = async ({ port }: Place, yaml: string, server = ''): Promise<Guarded> => {
  const backend = await startMcpBackend({
    tools: { echo: (call) => call.reply(text('hello')), update: (call) => call.reply(text('done')) },
  });
  const lines: Readonly<Record<string, unknown>>[] = [];
  const note = (fields: object): void => void lines.push({ ...fields });
  const log = { debug: note, info: note, warn: note, error: note };
  const gateway = await startGateway(`  crm: { url: "${backend.url}"${server} }\n${yaml}`, { port }, log);
  const send = (token: string | undefined, method: string, params = {}): Promise<RawAnswer> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return ask(port, { path: '/mcp', ...modernRequest(method, params, { headers }) });
  };
  return {
    url: gateway.url,
    get calls() {
      return backend.calls;
    },
    lines,
    call: (token, tool = 'crm_echo') => send(token, 'tools/call', { name: tool, arguments: {} }),
    async tools(token) {
      const { tools } = responseOf(await send(token, 'tools/list')).result as {
        readonly tools: readonly { readonly name: string }[];
      };
      return tools.map(({ name }) => name);
    },
    async close() {
      await gateway.close();
      await backend.close();
    },
  };
};
