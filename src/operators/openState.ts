import { noState } from '../protocol/noState.js';
import { requestDigest, type StateSeal } from '../protocol/sealedState.js';
import type { Authenticated, Resolved, Resuming, Target } from '../streams/exchange.js';
import { stage } from '../streams/stage.js';

/**
 * Opens the `requestState` of a retry: who may go on with what.
 *
 * > The state comes from the client and is treated as hostile: altered, of another principal, server, tool or arguments, or
 * > too old, it is refused (`ERR_STATE_INVALID`).
 *
 * ```
 * calls      --a-----b-----c--|
 * openState  --a-----B-----#       a has none; B with the server's own state put back, or with the parked call to go on with
 * ```
 */
export const openState = (seal: StateSeal) =>
  stage<Authenticated & Resolved, Resuming>((exchange) => {
    const { target } = exchange;
    if (exchange.origin.revision.asksByRequest)
      return { ...exchange, parked: undefined, target: withoutRound(target) };
    const { requestState } = target.params;
    if (requestState === undefined) return { ...exchange, parked: undefined };
    if (typeof requestState !== 'string') throw noState();
    const { principalId, server, method, digest: expected, upstream, parked } = seal.open(requestState);
    if (
      principalId !== exchange.principal.id ||
      server !== target.server.settings.name ||
      method !== target.method ||
      expected !== requestDigest(target.method, target.params)
    )
      throw noState();
    const { requestState: _sealed, ...params } = target.params;
    const restored = upstream === undefined ? params : { ...params, requestState: upstream };
    return { ...exchange, parked, target: { ...target, params: restored } };
  });

/** Rounds mean nothing in the 2025 era: what looks like one must not be taken for an answer by the server. */
const withoutRound = (target: Target): Target => {
  const { inputResponses, requestState, ...params } = target.params;
  return inputResponses === undefined && requestState === undefined ? target : { ...target, params };
};
