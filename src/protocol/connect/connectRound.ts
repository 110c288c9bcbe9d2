import { isObject, type Params } from '../jsonrpc.js';
import { noState } from '../noState.js';
import type { TimedSeal } from '../timedSeal.js';

/** A call of the 2026 era that waits for its person to visit a page: what goes from one round to the next. */
export interface ConnectRound {
  /** The page, given once for all rounds. */
  readonly url: string;
  /** Where the grant is kept, and when the last one there was given. */
  readonly key: string;
  readonly before: number | undefined;
  /** What the call came with for its server. */
  readonly held: Params;
}

/** The key of the question in `inputRequests`. */
export const connectQuestion = 'sluice-connect';

const mark = 'sluice-connect ';

/** Rounds as a `requestState` of a server's own would be. A server that makes such a state itself gets nothing by it: it does not open. */
export const connectRounds = (seal: TimedSeal<ConnectRound>) => ({
  write: (round: ConnectRound): string => mark + seal.seal(round),
  /**
   * The round that a call goes on with; undefined for a call that waits for no page, or comes back with a state of its server's.
   *
   * @throws GatewayError `ERR_STATE_INVALID` for one that is too old, or was made by a server
   */
  read({ requestState }: Params): ConnectRound | undefined {
    if (typeof requestState !== 'string' || !requestState.startsWith(mark)) return undefined;
    const round = seal.open(requestState.slice(mark.length));
    if (round === undefined) throw noState();
    return round;
  },
});

/** What of a call's params belongs to a round. */
export const roundOf = ({ requestState, inputResponses }: Params): Params => ({
  ...(requestState !== undefined && { requestState }),
  ...(inputResponses !== undefined && { inputResponses }),
});

/** A call's params as they are sent to its server: with what the first round had for it, in place of what belongs to the page. */
export const withoutRound = (params: Params, { held }: ConnectRound): Params => {
  const { requestState: _state, inputResponses: _responses, ...rest } = params;
  return { ...rest, ...held };
};

/** What the person has said to the question: `accept`, `decline`, `cancel`; undefined for no answer. */
export const saidTo = ({ inputResponses }: Params): unknown => {
  const answer = isObject(inputResponses) ? inputResponses[connectQuestion] : undefined;
  return isObject(answer) ? answer['action'] : undefined;
};
