import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came to the witness; what only asks what there is (lists, discovery) is no call. */
export interface Witnessed {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  /** Names and values in turn, as they were written. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** A server over real sockets that is MCP server (`/mcp`) and REST service (any other path) at once, and keeps every call it gets. */
export interface Witness {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Witnessed[];
  close(): Promise<void>;
}

interface Message {
  readonly id?: string | number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Answers a call instead of the witness's own way; undefined leaves it to the witness. */
export type Answer = (
  call: { readonly witnessed: Witnessed; readonly message: Message | undefined },
  response: ServerResponse,
) => boolean;

export interface WitnessOptions {
  /** What the MCP server offers; `echo` when not given, and it must be among them. */
  readonly tools?: readonly Readonly<Record<string, unknown>>[];
  /** URI templates of its resources. */
  readonly templates?: readonly string[];
  readonly answer?: Answer;
}

type Offered = Required<Pick<WitnessOptions, 'tools' | 'templates'>>;

const lists: Readonly<Record<string, (offered: Offered) => Readonly<Record<string, unknown>>>> = {
  'server/discover': () => ({
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, resources: {}, prompts: {} },
  }),
  'tools/list': ({ tools }) => ({ tools }),
  'resources/list': () => ({ resources: [{ name: 'open', uri: 'file:///open/readme' }] }),
  'resources/templates/list': ({ templates }) => ({
    resourceTemplates: templates.map((uriTemplate, n) => ({ name: `template ${n}`, uriTemplate })),
  }),
  'prompts/list': () => ({ prompts: [{ name: 'greet', arguments: [{ name: 'who' }] }] }),
};

const results: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => object>> = {
  'tools/call': (params) => ({
    content: [{ type: 'text', text: JSON.stringify(params['arguments'] ?? {}) }],
  }),
  'resources/read': ({ uri }) => ({ contents: [{ uri, text: 'read' }] }),
  'prompts/get': () => ({ messages: [] }),
  'completion/complete': () => ({ completion: { values: [] } }),
};

const echo = { name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };

/** Starts it; call `close` in `after`. Its tool `echo` gives its arguments back. */
export const startWitness = async ({
  tools = [echo],
  templates = ['file:///open/{name}'],
  answer,
}: WitnessOptions = {}): Promise<Witness> => {
  const seen: Witnessed[] = [];
  const take = (witnessed: Witnessed, response: ServerResponse): void => {
    const message = witnessed.url.startsWith('/mcp') ? (JSON.parse(witnessed.body) as Message) : undefined;
    const list = message && lists[message.method];
    if (list !== undefined)
      return reply(response, message?.id, {
        ttlMs: 3_600_000,
        cacheScope: 'public',
        ...list({ tools, templates }),
      });
    seen.push(witnessed);
    if (answer?.({ witnessed, message }, response) === true) return;
    if (message === undefined) return send(response, { ok: true });
    if (message.id === undefined) return void response.writeHead(202).end();
    const result = results[message.method]?.(message.params ?? {});
    if (result !== undefined) return reply(response, message.id, result);
    send(response, { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'Method not found' } });
  };
  const server = createServer((request, response) => void receive(request, response, take));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const receive = async (
  request: IncomingMessage,
  response: ServerResponse,
  take: (witnessed: Witnessed, response: ServerResponse) => void,
): Promise<void> => {
  const { method = '', url = '', rawHeaders } = request;
  const pieces = (await request.toArray().catch(() => [])) as Buffer[];
  take({ method, url, rawHeaders, body: Buffer.concat(pieces).toString() }, response);
};

const reply = (response: ServerResponse, id: string | number | undefined, result: object): void =>
  send(response, { jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } });

const send = (response: ServerResponse, body: object): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
