import type { Observable, Subscription } from 'rxjs';
import type { SessionRecord } from '../protocol/audit/auditRecord.js';
import { callerOf } from '../sinks/audit/callerOf.js';
import { sessionDigest } from '../sinks/audit/sessionDigest.js';
import { drain } from '../streams/drain.js';
import type { Exchange } from '../streams/exchange.js';
import { onDemand } from '../streams/onDemand.js';
import type { Redactions } from '../streams/redactions.js';
import type { SessionEvent } from '../streams/sessions.js';

/** Tells of sessions that this process has opened. */
export interface SessionRecording {
  readonly records$: Observable<SessionRecord>;
  /** Told of every exchange that has ended. */
  readonly ended: (exchange: Exchange) => void;
}

/** Sessions whose end is waited for; of those beyond only the beginning is told. */
const maxKept = 200_000;

/**
 * Records sessions where they are opened, which one of several gateways does, and their ends there too: told by all, it would be told
 * several times.
 *
 * @param redactions what is taken out of the names that clients give themselves
 * @param gateway the id of this gateway among those that share its sessions
 */
export const recordSessions = (
  changes$: Observable<SessionEvent>,
  gateway: string | undefined,
  redactions: () => Redactions,
): SessionRecording => {
  const live = new Map<string, { readonly opened: SessionRecord; readonly at: number }>();
  let following: Subscription | undefined;
  const records = onDemand<SessionRecord>((isWanted) => {
    following?.unsubscribe();
    live.clear();
    following = isWanted ? drain(changes$, ended) : undefined;
  });
  const ended = ({ kind, id }: SessionEvent): void => {
    const known = kind === 'ended' ? live.get(id) : undefined;
    if (known === undefined) return;
    live.delete(id);
    const { opened, at } = known;
    records.tell({
      ...opened,
      time: new Date().toISOString(),
      kind: 'session_closed',
      lived_ms: Math.round(performance.now() - at),
    });
  };
  return {
    records$: records.values$,
    ended(exchange) {
      const { notes, origin, message, startedAt } = exchange;
      const id = notes.opened;
      if (id === undefined || !records.isWanted) return;
      const opened: SessionRecord = {
        time: new Date().toISOString(),
        kind: 'session_opened',
        gateway,
        session: sessionDigest(id) ?? '',
        who: callerOf(exchange),
        address: origin.address,
        transport: origin.transport,
        revision: origin.revision.version,
        namespace: origin.namespace,
        client_info: nameOf(message.params?.['clientInfo'], notes.principal?.tenant, redactions()),
      };
      if (live.size < maxKept) live.set(id, { opened, at: startedAt });
      records.tell(opened);
    },
  };
};

/** What a client says it is, as far as a name may be long, and as the rules that are not about single servers let it through. */
const nameOf = (info: unknown, tenant: string | undefined, redactions: Redactions): object | undefined => {
  if (typeof info !== 'object' || info === null) return undefined;
  const { name, version } = info as Readonly<Record<string, unknown>>;
  const redaction = redactions({ server: '', prefix: '', tool: undefined, tenant, mask: undefined });
  const shown = (text: string): string => redaction?.arguments?.text(text) ?? text;
  // Cut only then: the half of a secret is not found.
  const word = (value: unknown) => (typeof value === 'string' ? shown(value).slice(0, 256) : undefined);
  try {
    return { name: word(name), version: word(version) };
  } catch {
    // A rule refuses what it says: the session is nevertheless recorded.
    return { name: '[refused]' };
  }
};
