import { createHash } from 'node:crypto';
import {
  asyncScheduler,
  isObservable,
  mergeMap,
  of,
  throwError,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { endingOf, endingText } from '../protocol/ending.js';
import { fromUnknown, refusal } from '../protocol/errors.js';
import { idempotencyKey, type KeyPlaces } from '../protocol/idempotencyKey.js';
import { metaOf } from '../protocol/mcp.js';
import { requestDigest } from '../protocol/sealedState.js';
import { demandOptions } from '../streams/demandOptions.js';
import type { Authenticated, Exchange, Resolved } from '../streams/exchange.js';
import type { IdempotencyStore, KnownCall } from '../streams/idempotencyStore.js';
import { isPersonal } from '../streams/isPersonal.js';
import { KeyedMembers } from '../streams/keyedMembers.js';
import { Marks } from '../streams/marks.js';
import { positiveInteger } from '../streams/positiveInteger.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { SharedCall } from '../streams/sharedCall.js';
import { Silences } from '../streams/silences.js';

export interface DedupeOptions {
  /** Remembers the calls. Made outside of the chain: a chain is assembled anew with each configuration, and this is to outlive it. */
  readonly store: IdempotencyStore;
  /** How long a key is known, in milliseconds from the first call with it. A day by default. */
  readonly ttlMs?: number;
  /** The key of `_meta`; `io.sluice/idempotencyKey` by default. */
  readonly meta?: string;
  /** The HTTP header; `idempotency-key` by default. */
  readonly header?: string;
  /** The argument that is a key, its names joined by dots (`request.id`); none by default. */
  readonly argument?: string;
  /** Most callers that wait for one call. 100 by default. */
  readonly maxWaiting?: number;
  /** Longest answer that is kept, in characters. 262 144 by default. */
  readonly maxAnswer?: number;
  /** For how long a call goes on when nobody waits for it any more, in milliseconds. A minute by default. */
  readonly lingerMs?: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

type Call = Exchange & Authenticated & Resolved;

/**
 * Makes a tool call with an idempotency key once, however often it is sent.
 *
 * > Who does not know whether its call has arrived sends it again, with the same key, and gets the answer of the first.
 *
 * ```
 * calls, all with one key   --a----b-------c--d---|     d with other arguments
 * part, for a                 ---------r|
 * dedupe                    -----------(rr)r--#         b joins a, c gets what is kept; ERR_KEY_REUSED
 * ```
 *
 * A key is one caller's. A call goes on when its caller has gone, for he will ask again; one that is cancelled (2025 era) ends. What may have been
 * done is never done again: an error whose fate is unknown is kept as any answer is. What has not been done (no instance, no room, a
 * question to the client) is forgotten, and the key may be used again. An answer that is too large to be kept is told so
 * (`ERR_ANSWER_DROPPED`). A call that comes while the first is under way at another instance is refused (`ERR_KEY_PENDING`).
 *
 * Stands around what sends, beneath redaction: what is kept is redacted for whoever gets it.
 *
 * @param part sends the call
 */
export const dedupe = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  options: DedupeOptions,
): Service<E, Reply> => {
  demandOptions('dedupe', options, ['store']);
  const { store, argument, scheduler = asyncScheduler } = options;
  const { meta = 'io.sluice/idempotencyKey', header = 'idempotency-key' } = options;
  const places: KeyPlaces = { meta, header: header.toLowerCase(), argument: argument?.split('.') };
  const ttlMs = positiveInteger('dedupe: ttlMs', options.ttlMs ?? 24 * 60 * 60 * 1000);
  const maxWaiting = positiveInteger('dedupe: maxWaiting', options.maxWaiting ?? 100);
  const maxAnswer = positiveInteger('dedupe: maxAnswer', options.maxAnswer ?? 256 * 1024);
  const lingering = new Silences(positiveInteger('dedupe: lingerMs', options.lingerMs ?? 60_000), scheduler);
  const send = answerOf(part);
  /** The calls under way here. */
  const underWay = new KeyedMembers<string, SharedCall<E>>();

  const begin = (exchange: E, key: string): Observable<Reply> => {
    const call: SharedCall<E> = new SharedCall(exchange, {
      send,
      isPersonal: () => false,
      apart: (late) => answer(late),
      // In the 2026 era who leaves cancels, and can't be told from who means it: there a call goes on in either case.
      lingering: ({ notes, origin }) =>
        notes.outcome === 'cancelled' && !origin.revision.leavingCancels ? undefined : lingering,
      ended(last, error) {
        if (underWay.get(key) === call) underWay.delete(key);
        const kept = keptOf(last, error);
        if (kept === undefined) store.forget(key);
        else store.settle(key, kept.length > maxAnswer ? '' : kept);
      },
    });
    underWay.set(key, call);
    return call.join(exchange);
  };
  const again = (exchange: E, key: string, digest: string, known: KnownCall): Observable<Reply> => {
    if (known.digest !== digest)
      throw refusal(
        'ERR_KEY_REUSED',
        'This idempotency key was sent with another call: use a new one for each call',
      );
    exchange.notes.marks.enter(repeating);
    if (known.answer !== undefined) return told(known.answer);
    const call = underWay.get(key);
    if (call === undefined || call.size >= maxWaiting)
      throw refusal(
        'ERR_KEY_PENDING',
        'The first call with this idempotency key is still under way: ask again later',
      );
    return call.join(exchange);
  };
  const answer = (exchange: E): Observable<Reply> => {
    const { target, message, origin } = exchange;
    if (target.method !== 'tools/call') return send(exchange);
    const isAlone = origin.transport === 'http' && !origin.batch;
    const given = idempotencyKey(message.params, isAlone ? origin.headers : undefined, places);
    if (given === undefined) return send(exchange);
    const caller = callerOf(exchange);
    const key = hashed([caller, given]);
    const digest = requestDigest(message.method, message.params ?? {});
    const next = (known: KnownCall | undefined): Observable<Reply> =>
      known === undefined ? begin(exchange, key) : again(exchange, key, digest, known);
    const known = store.begin(key, { digest, caller, ttlMs });
    return isObservable(known) ? known.pipe(mergeMap(next)) : next(known);
  };
  return service(answer);
};

/** Tells in traces and records which calls were answered by another. */
const repeating = Marks.idOf('dedupe');

/** Who has not said who he is, is known by where he comes from. */
const callerOf = ({ principal, origin }: Call): string =>
  hashed([principal.id, principal.anonymous === true ? (origin.address ?? '') : '']);

const hashed = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** What is kept of how a call ended; undefined where nothing has been done. */
const keptOf = (last: Reply | undefined, error: unknown): string | undefined => {
  if (last?.kind === 'result' && last.fault?.notBegun === true) return undefined;
  if (last?.kind === 'result' && (last.result['resultType'] === 'task' || !isPersonal(last)))
    return endingText({ result: last.result });
  if (last !== undefined)
    return last.kind === 'error' && !isPersonal(last) ? endingText({ error: last.error }) : undefined;
  const failure = fromUnknown(error ?? givenUp());
  return failure.notBegun || failure.facts.retryable ? undefined : endingText({ failure });
};

const givenUp = () =>
  refusal(
    'ERR_CANCELLED',
    'The first call with this idempotency key was cancelled: what it has done is not known',
  );

/** The answer, as it was: clients are told that it is not a new one. */
const told = (answer: string): Observable<Reply> => {
  if (answer === '')
    throw refusal(
      'ERR_ANSWER_DROPPED',
      'The call with this idempotency key was made, and its answer has not been kept',
    );
  const ending = endingOf(answer);
  if ('failure' in ending) return throwError(() => ending.failure);
  if ('error' in ending) return of({ kind: 'error', error: ending.error });
  const { result } = ending;
  return of({ kind: 'result', result: { ...result, _meta: { ...metaOf(result), [replayedKey]: true } } });
};

/** In `_meta` of an answer that was given before. */
const replayedKey = 'io.sluice/replayed';
