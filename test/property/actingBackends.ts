import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointServer } from '../support/endpointServer.js';
import { Acts, type Act, type Script, type Voice } from './acts.js';

/** Two servers with one tool, `act`, that does what its arguments and the test say. */
export interface ActingBackends {
  readonly acts: Acts;
  /** For the configuration: `old` speaks 2025-11-25, `new` 2026-07-28. */
  readonly servers: string;
  close(): Promise<void>;
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

type Send = (body: Readonly<Record<string, unknown>>) => void;

const tool = {
  name: 'act',
  inputSchema: { type: 'object', required: ['nonce'], properties: { nonce: { type: 'string' } } },
};

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Says a message of a call: as an event of its stream, or as the whole answer when it is the first and last. */
const onStream =
  (response: ServerResponse): Send =>
  (body) => {
    if (response.destroyed || response.writableEnded) return;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...body })}\n\n`);
  };

const lastOn =
  (id: Message['id'], response: ServerResponse): Send =>
  (body) => {
    const message = { jsonrpc: '2.0', id, ...body };
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) response.end(`data: ${JSON.stringify(message)}\n\n`);
    else json(response, 200, message);
  };

const question = (nonce: string) => ({
  messages: [{ role: 'user', content: { type: 'text', text: nonce } }],
  maxTokens: 1,
});

/** The text of a client's answer, or that it refused. */
const textOf = (result: unknown): string =>
  (result as { content?: { text?: string } } | undefined)?.content?.text ?? 'refused';

const scriptOf = ({ params }: Message): Script => params?.['arguments'] as Script;
const tokenOf = ({ params }: Message): unknown =>
  (params?.['_meta'] as Record<string, unknown> | undefined)?.['progressToken'];

const listenTo = async (
  serve: (request: IncomingMessage, response: ServerResponse, message: Message) => void,
): Promise<{ server: Server; url: string }> => {
  const server = endpointServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
};

const startLegacy = (acts: Acts) => {
  const running = new Map<unknown, { act: Act; response: ServerResponse }>();
  const asked = new Map<unknown, Act>();
  let asks = 0;
  const call = (message: Message, response: ServerResponse): void => {
    const { id } = message;
    const say = onStream(response);
    const last = lastOn(id, response);
    const voice: Voice = {
      notify: (method, params) => say({ method, params }),
      ask(act) {
        const askId = `backend-${++asks}`;
        asked.set(askId, act);
        say({ id: askId, method: 'sampling/createMessage', params: question(act.script.nonce) });
      },
      result: (result) => last({ result }),
      error: (text) => last({ error: { code: -32000, message: text } }),
      drop: () => response.destroy(),
    };
    const act = acts.begin(scriptOf(message), voice, tokenOf(message));
    running.set(id, { act, response });
    response.once('close', () => {
      running.delete(id);
      acts.over(act);
    });
  };
  return listenTo((_request, response, message) => {
    const { id, method, params } = message;
    if (method === undefined) {
      const act = asked.get(id);
      asked.delete(id);
      response.writeHead(202).end();
      if (act === undefined) acts.stray.push(JSON.stringify(message));
      else acts.answered(act, textOf(message.result));
      return;
    }
    if (id === undefined) {
      response.writeHead(202).end();
      const found = method === 'notifications/cancelled' ? running.get(params?.['requestId']) : undefined;
      if (found === undefined) return;
      acts.over(found.act);
      found.response.end();
      return;
    }
    if (method === 'tools/call') return call(message, response);
    if (method === 'initialize') response.setHeader('mcp-session-id', randomUUID());
    const result =
      method === 'initialize'
        ? {
            protocolVersion: params?.['protocolVersion'],
            capabilities: { tools: {}, logging: {} },
            serverInfo: { name: 'old', version: '1' },
          }
        : method === 'tools/list'
          ? { tools: [tool] }
          : {};
    json(response, 200, { jsonrpc: '2.0', id, result });
  });
};

const startModern = (acts: Acts) => {
  const call = (message: Message, response: ServerResponse): void => {
    const say = onStream(response);
    const last = lastOn(message.id, response);
    const voice: Voice = {
      notify: (method, params) => say({ method, params }),
      ask(act) {
        act.retriesAskedFor++;
        act.open = false;
        const inputRequests = {
          q: { method: 'sampling/createMessage', params: question(act.script.nonce) },
        };
        last({ result: { resultType: 'input_required', inputRequests, requestState: String(act.at) } });
      },
      result: (result) => last({ result: { resultType: 'complete', ...result } }),
      error: (text) => last({ error: { code: -32000, message: text } }),
      drop: () => response.destroy(),
    };
    const state = message.params?.['requestState'];
    const responses = (message.params?.['inputResponses'] ?? {}) as Record<string, unknown>;
    const given = state === undefined ? [] : [textOf(responses['q'])];
    const act = acts.begin(scriptOf(message), voice, tokenOf(message), Number(state ?? 0), given);
    response.once('close', () => {
      if (act.voice === voice) acts.over(act);
    });
  };
  return listenTo((_request, response, message) => {
    const { id, method } = message;
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'tools/call') return call(message, response);
    const fresh = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'public' };
    if (method === 'tools/list')
      return json(response, 200, { jsonrpc: '2.0', id, result: { ...fresh, tools: [tool] } });
    if (method === 'server/discover')
      return json(response, 200, {
        jsonrpc: '2.0',
        id,
        result: { ...fresh, supportedVersions: ['2026-07-28'], capabilities: { tools: {}, logging: {} } },
      });
    json(response, 404, { jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } });
  });
};

/** Starts both; call `close` in `after`. */
export const startActingBackends = async (): Promise<ActingBackends> => {
  const acts = new Acts();
  const started = [await startLegacy(acts), await startModern(acts)] as const;
  return {
    acts,
    servers: `  old: { url: "${started[0].url}" }\n  new: { url: "${started[1].url}" }`,
    async close() {
      for (const { server } of started) {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
    },
  };
};
