import { ask } from '../../support/ask.js';
import { responseOf, type SeenMessage } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { openSocket } from '../../sources/ws/openSocket.js';
import { requestBytes } from '../../support/requestBytes.js';
import type { Credential } from './startTenants.js';

type Params = Readonly<Record<string, unknown>>;

/** An answer as its client sees it, whatever the transport. */
export interface Answered extends Pick<SeenMessage, 'result' | 'error'> {
  /** Of HTTP, where each answer has one. */
  readonly status?: number;
}

/** Somebody who is connected. */
export interface Speaker {
  ask(method: string, params?: Params): Promise<Answered>;
  close(): void;
}

type Connect = (port: number, credential: Credential) => Promise<Speaker>;

let lastId = 0;
const nextId = (): string => `t${++lastId}`;
const bare = ({ result, error }: SeenMessage): Answered => ({
  ...(result !== undefined && { result }),
  ...(error !== undefined && { error }),
});

const initializing = (version: string) => ({
  jsonrpc: '2.0',
  id: nextId(),
  method: 'initialize',
  params: {
    protocolVersion: version,
    capabilities: { elicitation: {} },
    clientInfo: { name: 'test', version: '1' },
  },
});
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };

const modernHttp: Connect = (port, credential) =>
  Promise.resolve({
    async ask(method, params) {
      const answer = await ask(port, modernRequest(method, params, { headers: { ...credential } }));
      return { status: answer.status, ...bare(responseOf(answer)) };
    },
    close: () => undefined,
  });

/** The headers of a new session of the 2025 era. */
export const openSession = async (
  port: number,
  credential: Credential,
  version = '2025-11-25',
): Promise<Credential> => {
  const opened = await ask(port, { headers: credential, body: initializing(version) });
  const headers = {
    ...credential,
    'mcp-session-id': opened.headers['mcp-session-id'] ?? '',
    'mcp-protocol-version': version,
  };
  await ask(port, { headers, body: initialized });
  return headers;
};

const legacyHttp: Connect = async (port, credential) => {
  const headers = await openSession(port, credential);
  return {
    async ask(method, params = {}) {
      const answer = await ask(port, { headers, body: { jsonrpc: '2.0', id: nextId(), method, params } });
      return { status: answer.status, ...bare(responseOf(answer)) };
    },
    close: () => undefined,
  };
};

const webSocket =
  (era: 'legacy' | 'modern'): Connect =>
  async (port, credential) => {
    const open = await openSocket(`ws://127.0.0.1:${port}/mcp`, { headers: { ...credential } });
    const sent = async (body: { readonly id: string | number }): Promise<Answered> => {
      open.send(body);
      return bare(await open.answer(body.id));
    };
    if (era === 'legacy') {
      await sent(initializing('2025-11-25'));
      open.send(initialized);
    }
    return {
      ask: (method, params = {}) =>
        sent(
          era === 'legacy'
            ? ({ jsonrpc: '2.0', id: nextId(), method, params } as { id: string })
            : modernRequest(method, params).body,
        ),
      close: () => open.socket.terminate(),
    };
  };

const overSse: Connect = async (port, credential) => {
  const stream = await openRaw(port);
  stream.write(
    requestBytes(port, {
      method: 'GET',
      path: '/sse',
      headers: { ...credential, accept: 'text/event-stream' },
    }),
  );
  const opening = await stream.seen('/messages?sessionId=');
  const path = /\/messages\?sessionId=[\w-]+/.exec(opening)?.[0] ?? '';
  const post = (body: unknown) => ask(port, { path, headers: credential, body });
  const sent = async (body: { readonly id: string }): Promise<Answered> => {
    await post(body);
    const all = await stream.seen(`"id":"${body.id}"`);
    const line = all.split('\n').find((each) => each.includes(`"id":"${body.id}"`)) ?? '';
    return bare(JSON.parse(line.replace(/^data: ?/, '')) as SeenMessage);
  };
  await sent(initializing('2024-11-05'));
  await post(initialized);
  return {
    ask: (method, params = {}) => sent({ jsonrpc: '2.0', id: nextId(), method, params } as { id: string }),
    close: () => stream.destroy(),
  };
};

/** Every way to speak to a gateway, by revision and transport. */
export const speakers: Readonly<Record<string, Connect>> = {
  '2026-07-28 over HTTP': modernHttp,
  '2026-07-28 over WebSocket': webSocket('modern'),
  '2025-11-25 over HTTP': legacyHttp,
  '2025-11-25 over WebSocket': webSocket('legacy'),
  '2024-11-05 over HTTP+SSE': overSse,
};
