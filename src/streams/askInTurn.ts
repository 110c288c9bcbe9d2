import { randomUUID } from 'node:crypto';
import { of, switchMap, timer, type Observable } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { inputRequired, missingCapability, type InputRequired } from '../protocol/input.js';
import type { Params } from '../protocol/jsonrpc.js';
import type { Capabilities } from '../protocol/mcp.js';
import { withoutHopKeys } from '../protocol/withoutHopKeys.js';
import { gatherAnswers } from './gatherAnswers.js';
import type { Reply } from './reply.js';
import { service } from './service.js';

/** Rounds of one call, as many as the official client goes by itself. */
const maxRounds = 10;
/** Pause before the first retry for which nothing was asked (the server is shedding load), in milliseconds; it doubles. */
const emptyRoundMs = 250;
/** How often one call is sent again although nothing was asked. */
const maxEmptyRounds = 4;

/** Sends the call with what belongs to its next round. */
export type SendRound = (round: Params) => Observable<Reply>;

/**
 * Turns rounds into requests: what a server of the 2026 era asks for by an `input_required` result, a client of the 2025 era
 * is asked on its stream; with the answers the call is sent again.
 *
 * ```
 * server   --(input_required)              --r|
 * client   --ask-----------answer---(retry)--r|
 * ```
 *
 * @param send sends the call again, with what belongs to its next round
 * @param first$ the replies to the call as the client sent it
 */
export const askInTurn = (
  send: SendRound,
  first$: Observable<Reply>,
  capabilities: Capabilities,
): Observable<Reply> => {
  const follow = (replies$: Observable<Reply>, count: number, empty: number): Observable<Reply> =>
    replies$.pipe(
      service((reply) => {
        const wanted = reply.kind === 'result' ? inputRequired(reply.result) : undefined;
        if (wanted === undefined) return of(reply);
        if (count === maxRounds)
          throw refusal('ERR_INPUT_REFUSED', `The backend asked for input ${maxRounds} times`);
        const again = (responses: Params, emptyAfter: number): Observable<Reply> =>
          follow(send({ ...responses, ...stateOf(wanted) }), count + 1, emptyAfter);
        if (Object.keys(wanted.inputRequests).length > 0)
          return answered(wanted, capabilities, (responses) => again(responses, empty));
        if (empty === maxEmptyRounds)
          throw refusal(
            'ERR_UPSTREAM_FAILED',
            `The backend wanted the call again ${maxEmptyRounds + 1} times and asked for nothing`,
          );
        return timer(emptyRoundMs * 2 ** empty).pipe(switchMap(() => again({}, empty + 1)));
      }),
    );
  return follow(first$, 1, 0);
};

const stateOf = ({ requestState }: InputRequired): Params =>
  requestState === undefined ? {} : { requestState };

const answered = (
  { inputRequests }: InputRequired,
  capabilities: Capabilities,
  next: (responses: Params) => Observable<Reply>,
): Observable<Reply> => {
  const wanted = Object.entries(inputRequests);
  for (const [, request] of wanted)
    if (missingCapability(request, capabilities) !== undefined)
      throw refusal('ERR_INPUT_UNSUPPORTED', 'The backend asked for input that this client can not give');
  const questions = wanted.map(
    ([key, { method, params }]) => [key, { method, params: asRequest(method, params) }] as const,
  );
  return gatherAnswers(questions, (inputResponses) => next({ inputResponses }));
};

/** An elicitation by URL has an id in the 2025 era and none in this one: a fresh one is as good as any. */
const asRequest = (method: string, given: Params): Params => {
  const params = withoutHopKeys(given);
  return method === 'elicitation/create' && params['mode'] === 'url' && params['elicitationId'] === undefined
    ? { ...params, elicitationId: randomUUID() }
    : params;
};
