import { isObservable, map } from 'rxjs';
import { isObject } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Handler } from '../operators/handle.js';
import type { ResultReply } from '../streams/reply.js';
import { sessionId, type Session, type SessionStore } from '../streams/sessions.js';
import type { SelfDescription } from './selfDescription.js';

export interface InitializeOptions {
  readonly sessions: SessionStore;
  readonly self: SelfDescription;
  readonly serverInfo: Implementation;
  /** This instance, which will be at home to the session. */
  readonly home: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Opens a session and says what the gateway is and can (2025-11-25: basic/lifecycle). */
export const initialize =
  ({ sessions, self, serverInfo, home, now }: InitializeOptions): Handler =>
  (exchange) => {
    const { message, origin, principal } = exchange;
    const { revision, namespace } = origin;
    const { clientInfo, capabilities } = message.params ?? {};
    const session: Session = {
      id: sessionId(),
      principalId: principal.id,
      namespace,
      version: revision.version,
      batches: revision.batches,
      clientInfo,
      capabilities: isObject(capabilities) ? capabilities : {},
      home,
      logLevel: 'info',
      createdAt: now(),
    };
    const opened: ResultReply = {
      kind: 'result',
      result: { protocolVersion: revision.version, ...self(exchange), serverInfo },
      headers: { 'mcp-session-id': session.id },
    };
    const stored = sessions.put(session);
    return isObservable(stored) ? stored.pipe(map(() => opened)) : opened;
  };
