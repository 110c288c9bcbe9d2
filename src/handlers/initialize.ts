import { isObservable, map } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isObject } from '../protocol/jsonrpc.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Handler } from '../operators/handle.js';
import type { ResultReply } from '../streams/reply.js';
import { sessionId, type Session, type SessionStore } from '../streams/sessions.js';
import type { SelfDescription } from './selfDescription.js';

/** A session keeps them, and there may be thousands of sessions. */
const maxCapabilities = 16 * 1024;
const maxWord = 256;

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
    const { message, origin, principal, notes } = exchange;
    const { revision, namespace } = origin;
    const { clientInfo, capabilities = {} } = message.params ?? {};
    if (JSON.stringify(capabilities).length > maxCapabilities)
      throw refusal(
        'ERR_INVALID_PARAMS',
        `Invalid initialize: capabilities are larger than ${maxCapabilities} characters`,
      );
    const session: Session = {
      id: sessionId(),
      principalId: principal.id,
      namespace,
      version: revision.version,
      batches: revision.batches,
      clientInfo: introduced(clientInfo),
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
    const begun = (): ResultReply => {
      notes.opened = session.id;
      return opened;
    };
    const stored = sessions.put(session);
    return isObservable(stored) ? stored.pipe(map(begun)) : begun();
  };

/** Who a client says it is, without its icons and website: a session keeps it. */
const introduced = (info: unknown): Readonly<Record<string, string>> => {
  const kept: Record<string, string> = {};
  if (!isObject(info)) return kept;
  for (const key of ['name', 'title', 'version']) {
    const word = info[key];
    if (typeof word === 'string') kept[key] = word.slice(0, maxWord);
  }
  return kept;
};
