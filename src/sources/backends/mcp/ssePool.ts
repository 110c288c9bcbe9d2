import { Observable } from 'rxjs';
import { canonicalJson } from '../../../protocol/canonicalJson.js';
import { refusal } from '../../../protocol/errors.js';
import { relayable } from '../../../protocol/input.js';
import { isFinal, type Reply } from '../../../streams/reply.js';
import { valve, type Valve } from '../../../streams/valve.js';
import type { HttpLink } from './httpLink.js';
import { sseSession, type SseSession } from './sseSession.js';
import type { ServerListener, UpstreamRequest } from './upstreamEra.js';

/** Sessions open at once to one server, in use or not; a call that waits for its client's answer has one. */
const maxSessions = 1024;
/** A session unused for so long is ended, in milliseconds. */
const unusedMs = 60_000;

/** A session for one call at a time. */
interface Seat {
  readonly key: string;
  readonly session: SseSession;
  /** Pauses the stream, on behalf of the call that has it. */
  readonly demand: Valve;
  unusedSince: number;
}

/** Sessions over HTTP+SSE, each serving one call at a time. */
export interface SsePool {
  /** Sends a request on a session of its own. Errors: `ERR_SERVER_EXHAUSTED` when all are in use; else see `UpstreamEra.send`. */
  send(request: UpstreamRequest): Observable<Reply>;
  /** Ends all of them; see `SseSession.end`. */
  end(cause: Error): void;
}

/**
 * One stream carries whatever a server says, and does not say to which call a question or a log message belongs. So a call that can
 * hear or be asked something has a connection of its own while it lasts: then it is that call's, and its client can hold the
 * server back without anybody else waiting. Afterwards the connection is kept for the next call of the same principal (if it
 * can be asked) and capabilities.
 */
export const ssePool = (link: HttpLink, { idleMs = unusedMs, max = maxSessions } = {}): SsePool => {
  /** The longest unused first. */
  const unused: Seat[] = [];
  const inUse = new Set<Seat>();
  let sweeping: NodeJS.Timeout | undefined;

  const remove = (seat: Seat): void => {
    const at = unused.indexOf(seat);
    if (at >= 0) unused.splice(at, 1);
  };

  /** Changes are heard of on another connection. */
  const listenerFor = (principalId: string | undefined): ServerListener => ({
    changed: () => undefined,
    updated: () => undefined,
    completed: (elicitationId) => link.listener.completed(elicitationId, principalId),
  });

  const take = ({ capabilities: declared, principalId }: UpstreamRequest): Seat | undefined => {
    const capabilities = relayable(declared);
    const askable = Object.keys(capabilities).length > 0;
    const key = `${canonicalJson(capabilities)} ${askable ? principalId : ''}`;
    const known = unused.findLast((seat) => seat.key === key);
    if (known !== undefined) {
      remove(known);
      return known;
    }
    if (inUse.size >= max) return undefined;
    if (inUse.size + unused.length >= max) unused.shift()?.session.retire();
    const demand = valve();
    const session = sseSession(
      link,
      { capabilities, listener: listenerFor(askable ? principalId : undefined), demand, keep: Infinity },
      { opened: () => undefined, lost: () => remove(seat) },
    );
    const seat: Seat = { key, session, demand, unusedSince: 0 };
    return seat;
  };

  const sweep = (): void => {
    sweeping = undefined;
    const now = Date.now();
    while (unused[0] !== undefined && now - unused[0].unusedSince >= idleMs) unused.shift()?.session.retire();
    if (unused[0] !== undefined) schedule(unused[0].unusedSince + idleMs - now);
  };
  const schedule = (ms: number): void => {
    sweeping ??= setTimeout(sweep, ms);
    sweeping.unref();
  };

  /** @param answered a server that is still at the call may yet ask about it: nobody else gets its connection */
  const giveBack = (seat: Seat, answered: boolean): void => {
    seat.demand.resume();
    if (!inUse.delete(seat)) return;
    if (!answered) return seat.session.retire();
    seat.unusedSince = Date.now();
    unused.push(seat);
    schedule(idleMs);
  };

  return {
    send: (request) =>
      new Observable((subscriber) => {
        const seat = take(request);
        if (seat === undefined)
          return subscriber.error(
            refusal('ERR_SERVER_EXHAUSTED', `The backend has ${max} such calls under way`),
          );
        inUse.add(seat);
        const held = request.valve.attach(seat.demand);
        let answered = false;
        subscriber.add(() => {
          held.unsubscribe();
          giveBack(seat, answered);
        });
        const replies = seat.session.send(request).subscribe({
          next(reply) {
            answered ||= isFinal(reply);
            subscriber.next(reply);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
        return replies;
      }),
    end(cause) {
      clearTimeout(sweeping);
      sweeping = undefined;
      for (const { session } of [...unused.splice(0), ...inUse]) session.end(cause);
      inUse.clear();
    },
  };
};
