import {
  defer,
  finalize,
  isObservable,
  map,
  mergeMap,
  of,
  tap,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import type { CacheRule } from '../config/cacheSettings.js';
import { answerKeys, type AnswerKeys } from '../streams/answerKeys.js';
import { nowhere, type AnswerStore, type Found, type KeptAnswer } from '../streams/answers.js';
import { answerTags } from '../streams/answerTags.js';
import type { CacheRules } from '../streams/cacheRules.js';
import type {
  Authenticated,
  Authorized,
  Exchange,
  InSession,
  Redacting,
  Resolved,
} from '../streams/exchange.js';
import { Flights, type Landed } from '../streams/flights.js';
import { freshFor } from '../streams/freshFor.js';
import { isFinal, result, type Reply, type ResultReply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { rememberedAnswer, toldAnswer } from '../streams/toldAnswer.js';

export interface CacheOptions {
  readonly rules: CacheRules;
  readonly answers: AnswerStore;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

type Call = Exchange & Authenticated & InSession & Resolved & Partial<Authorized & Redacting>;

/** A call whose answer may be remembered. */
interface Asked<E extends Call> {
  readonly exchange: E;
  readonly rule: CacheRule;
  readonly keys: AnswerKeys;
  /** The keys, the one that most have first. */
  readonly places: readonly string[];
  readonly tags: readonly string[];
}

/**
 * Answers a call from memory where its server has answered the like of it a moment ago.
 *
 * > What a server has said is remembered, never what one caller was let see of it: above it stands who decides over each call anew, and who
 * > takes out of each answer what its caller must not see.
 *
 * ```
 * calls        --a------a---b------a--|     b by another caller
 * part, for a    ---r|          ---r|       the first a's answer is too old for the last
 * part, for b               ---r|
 * cache        -----r---r------r------r|
 * ```
 *
 * Of several like calls at once one is sent. A call of a tool that may write makes what the tools of its server have answered forgotten.
 * What is no plain success (errors, `isError`, questions to the client, tasks) is not remembered.
 */
export const cache = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  { rules, answers, now }: CacheOptions,
): Service<E, Reply> => {
  const send = answerOf(part);
  const flights = new Flights(now);

  const hit = ({ exchange, rule, keys }: Asked<E>, { key, answer }: Landed): Reply => {
    exchange.notes.cached = 'hit';
    const ttlMs = Math.min(answer.ttlMs, rule.ttlMs);
    return result(rememberedAnswer(answer, exchange, { ttlMs, isPublic: key === keys.shared, now: now() }));
  };

  const isGood = (answer: KeptAnswer, { ttlMs }: CacheRule): boolean =>
    now() < answer.at + Math.min(answer.ttlMs, ttlMs);

  /** Remembers an answer if it may be, and says what its client is told. */
  const landed = (
    asked: Asked<E>,
    found: Found,
    reply: ResultReply,
  ): readonly [Landed | undefined, Reply] => {
    const { exchange, rule, keys, tags } = asked;
    if (!isPlainSuccess(reply) || exchange.target.tasks === 'await') return [undefined, reply];
    const { ttlMs, isPublic } = freshFor(reply.result, rule);
    const told = { ...reply, result: toldAnswer(reply.result, exchange, ttlMs, isPublic) };
    if (ttlMs === 0 || found === nowhere) return [undefined, told];
    const text = JSON.stringify(reply.result);
    if (Buffer.byteLength(text) > rules.maxAnswerBytes) return [undefined, told];
    const key = (isPublic ? keys.shared : undefined) ?? keys.own;
    const answer = { text, at: now(), ttlMs };
    answers.keep(key, tags, answer, found);
    return [{ key, answer }, told];
  };

  const fetched = (asked: Asked<E>, found: Found, lock: string): Observable<Reply> =>
    defer(() => {
      const flight = flights.begin(lock);
      let hasAsked = false;
      return send(asked.exchange).pipe(
        map((reply) => {
          if (reply.kind === 'ask') hasAsked = true;
          if (reply.kind === 'result' && !hasAsked) {
            const [kept, told] = landed(asked, found, reply);
            flight.land(kept);
            return told;
          }
          if (hasAsked || isFinal(reply)) flight.land(undefined);
          return reply;
        }),
        tap({ error: () => flight.land(undefined) }),
        finalize(() => flight.end()),
      );
    });

  const answered = (asked: Asked<E>, found: Found): Observable<Reply> => {
    const { exchange, rule, keys, places, tags } = asked;
    const { answer, key } = found;
    if (answer !== undefined && key !== undefined && isGood(answer, rule))
      return of(hit(asked, { key, answer }));
    // A store that can't be asked would not hear either that the answer is out of date.
    if (found === nowhere) return send(exchange);
    // Whoever comes after a change does not wait for what was asked for before it.
    const lock = `${(rule.scope === 'public' ? keys.shared : undefined) ?? keys.own} ${found.stamp}`;
    const under$ = flights.under(lock);
    if (under$ !== undefined)
      return under$.pipe(
        mergeMap((other) =>
          other !== undefined && places.includes(other.key) ? of(hit(asked, other)) : answered(asked, found),
        ),
      );
    if (!rules.mayWrite(exchange.target)) return fetched(asked, found, lock);
    // What it changes has to be asked for again, and its own answer is one of those after that.
    answers.forget(answerTags.tools(exchange.target.server.settings.name));
    return looked(asked, tags, (fresh) => fetched(asked, fresh, lock));
  };

  const looked = (
    { places }: Asked<E>,
    tags: readonly string[],
    next: (found: Found) => Observable<Reply>,
  ): Observable<Reply> => {
    const found = answers.find(places, tags);
    return isObservable(found) ? found.pipe(mergeMap(next)) : next(found);
  };

  return service((exchange) => {
    const { target, notes } = exchange;
    const rule = rules.of(target);
    const server = target.server.settings.name;
    if (rule === undefined)
      return rules.mayWrite(target)
        ? send(exchange).pipe(finalize(() => answers.forget(answerTags.tools(server))))
        : send(exchange);
    if (!isFirstRound(exchange) || wantsFresh(exchange)) return send(exchange);
    notes.cached = 'miss';
    const keys = answerKeys(exchange, rule);
    const places = keys.shared === undefined ? [keys.own] : [keys.shared, keys.own];
    const tags = answerTags.of(server, target.method, target.params);
    const asked = { exchange, rule, keys, places, tags };
    return looked(asked, tags, (found) => answered(asked, found));
  });
};

/** Not the retry of a call that was asked something: its answer is an answer to what it was told besides. */
const isFirstRound = ({ target: { params } }: Call): boolean =>
  params['inputResponses'] === undefined && params['requestState'] === undefined;

/** HTTP's own words for it (RFC 9111, 5.2.1). */
const wantsFresh = ({ origin }: Call): boolean =>
  /\bno-(?:cache|store)\b/i.test(String(origin.headers['cache-control'] ?? ''));

const isPlainSuccess = ({ result: { resultType, isError }, fault }: ResultReply): boolean =>
  fault === undefined && isError !== true && (resultType === undefined || resultType === 'complete');
