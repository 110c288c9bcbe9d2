import type { Exchange, Resolved } from '../exchange.js';
import type { Instance } from '../serverState.js';

/**
 * How calls are spread over the instances of one server: gives them in the order in which they are to be tried for this call.
 *
 * Called once a call with the instances that are well, two or more; what is in trouble is put behind them by {@link balance}. May
 * keep a state of its own: there is one for each server. The array it is given must not be changed.
 */
export type Strategy = (
  candidates: readonly Instance[],
  exchange: Exchange & Resolved,
) => readonly Instance[];
