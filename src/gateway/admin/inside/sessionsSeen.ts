import { isObservable, take } from 'rxjs';
import { isObject } from '../../../protocol/jsonrpc.js';
import { sessionDigest } from '../../../sinks/audit/sessionDigest.js';
import { drain } from '../../../streams/drain.js';
import type { Exchange, Principal } from '../../../streams/exchange.js';
import type { Session, SessionStore } from '../../../streams/sessions.js';
import type { SessionRow } from '../questions.js';

interface Seen {
  readonly digest: string;
  /** Its opening; undefined until the store has answered. */
  session: Session | undefined;
  readonly principal: Principal | undefined;
  readonly transport: string;
  readonly revision: string;
  lastSeen: number;
  calls: number;
}

/** Sessions that are remembered; the one that was silent for longest makes room. */
const maxSeen = 10_000;

/** The sessions that this process has served, as long as they live. Those that nobody has used yet are not among them. */
export class SessionsSeen {
  /** By id; the one used last is the last. */
  readonly #seen = new Map<string, Seen>();
  readonly #sessions: SessionStore;

  constructor(sessions: SessionStore) {
    this.#sessions = sessions;
  }

  /** To be told of every exchange that has ended. */
  ended(exchange: Exchange): void {
    const id = exchange.origin.sessionId ?? exchange.notes.opened;
    if (id === undefined) return;
    const known = this.#seen.get(id);
    if (known !== undefined) {
      known.calls++;
      known.lastSeen = Date.now();
      this.#seen.delete(id);
      this.#seen.set(id, known);
      return;
    }
    // Whoever makes up ids fills nothing.
    if (exchange.notes.error?.code === 'ERR_SESSION_UNKNOWN') return;
    const [first] = this.#seen.keys();
    if (this.#seen.size >= maxSeen && first !== undefined) this.#seen.delete(first);
    const { notes, origin } = exchange;
    const seen: Seen = {
      digest: sessionDigest(id) ?? '',
      session: undefined,
      principal: notes.principal,
      transport: origin.transport,
      revision: origin.revision.version,
      lastSeen: Date.now(),
      calls: 1,
    };
    this.#seen.set(id, seen);
    const found = this.#sessions.get(id);
    if (isObservable(found)) drain(found.pipe(take(1)), (session) => void (seen.session = session));
    else seen.session = found;
  }

  endSession(id: string): void {
    this.#seen.delete(id);
  }

  /** The id of a session that somebody may see. */
  idOf(digest: string, tenant: string | undefined): string | undefined {
    for (const [id, seen] of this.#seen) if (seen.digest === digest && isOf(seen, tenant)) return id;
    return undefined;
  }

  /** @param streams how many streams stand open, by session id */
  rows(tenant: string | undefined, streams: ReadonlyMap<string, number>): readonly SessionRow[] {
    return [...this.#seen]
      .filter(([, seen]) => isOf(seen, tenant))
      .map(([id, { digest, session, principal, transport, revision, lastSeen, calls }]) => {
        const info = session?.clientInfo;
        const name = isObject(info) && typeof info['name'] === 'string' ? info['name'] : undefined;
        return {
          digest,
          user: principal?.user,
          client: principal?.clientId,
          client_name: name,
          revision: session?.version ?? revision,
          transport,
          opened: new Date(session?.createdAt ?? lastSeen).toISOString(),
          last_seen: new Date(lastSeen).toISOString(),
          calls,
          streams: streams.get(id) ?? 0,
        };
      });
  }
}

const isOf = ({ principal }: Seen, tenant: string | undefined): boolean =>
  tenant === undefined || principal?.tenant === tenant;
