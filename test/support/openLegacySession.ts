import assert from 'node:assert/strict';
import { ask } from './ask.js';
import { responseOf, type SeenMessage } from './messagesOf.js';
import type { RawAnswer } from './parseAnswer.js';
import type { RequestParts } from './requestBytes.js';

/** A session of a 2025-era client. */
export interface LegacySession {
  readonly id: string;
  /** The headers each request of the session carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** A request of this session, ready to be sent on any connection. */
  request(method: string, params?: Readonly<Record<string, unknown>>, id?: string | number): RequestParts;
  /** Sends a notification; it must be accepted. */
  notify(method: string, params?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Calls a tool and gives the response. */
  call(name: string, args?: Readonly<Record<string, unknown>>, ms?: number): Promise<SeenMessage>;
  /** Sends DELETE for the session. */
  end(): Promise<RawAnswer>;
}

let lastId = 0;

/** `initialize` and `notifications/initialized`, as a client of the given revision does it. */
export const openLegacySession = async (
  port: number,
  version = '2025-11-25',
  capabilities: object = {},
): Promise<LegacySession> => {
  const opened = await ask(port, {
    body: {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } },
    },
  });
  assert.equal(opened.status, 200, opened.body);
  const id = opened.headers['mcp-session-id'];
  assert.ok(id, 'no session id');
  // The header came with 2025-06-18; who speaks an older revision does not send it.
  const headers = {
    'mcp-session-id': id,
    ...(version >= '2025-06-18' ? { 'mcp-protocol-version': version } : {}),
  };
  const session: LegacySession = {
    id,
    headers,
    request: (method, params, requestId) => ({
      headers,
      body: { jsonrpc: '2.0', id: requestId ?? ++lastId, method, ...(params && { params }) },
    }),
    async notify(method, params) {
      const answer = await ask(port, {
        headers,
        body: { jsonrpc: '2.0', method, ...(params && { params }) },
      });
      assert.equal(answer.status, 202, answer.body);
    },
    call: async (name, args = {}, ms) =>
      responseOf(await ask(port, session.request('tools/call', { name, arguments: args }), ms)),
    end: () => ask(port, { method: 'DELETE', headers }),
  };
  await session.notify('notifications/initialized');
  return session;
};
