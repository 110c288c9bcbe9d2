import type { Received } from './scriptedServer.js';

/** What a legacy server keeps about its clients. */
export interface LegacyState {
  /** Ids of sessions it knows. */
  readonly sessions: Set<string>;
  opened: number;
}

/**
 * The dull part of a legacy server with sessions: the handshake, 404 for an unknown session, 202 for notifications.
 *
 * @returns true when it has answered
 */
export const legacyScript = (
  request: Received,
  state: LegacyState,
  capabilities: Readonly<Record<string, unknown>> = { tools: {} },
): boolean => {
  const { body, headers, response } = request;
  const session = headers['mcp-session-id'] as string | undefined;
  if (request.httpMethod === 'DELETE') {
    state.sessions.delete(session ?? '');
    response.writeHead(200).end();
    return true;
  }
  if (body.method === 'initialize') {
    const id = `session-${++state.opened}`;
    state.sessions.add(id);
    request.result(
      { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'legacy', version: '1' } },
      { 'mcp-session-id': id },
    );
    return true;
  }
  if (session === undefined) {
    request.error(-32000, 400, undefined, 'Bad Request: no session');
    return true;
  }
  if (!state.sessions.has(session)) {
    request.error(-32001, 404, undefined, 'Session not found');
    return true;
  }
  if (request.httpMethod === 'POST' && body.id === undefined) {
    response.writeHead(202).end();
    return true;
  }
  return false;
};

/** A state without sessions. */
export const legacyState = (): LegacyState => ({ sessions: new Set(), opened: 0 });
