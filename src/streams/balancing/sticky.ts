import type { Exchange, Resolved } from '../exchange.js';
import type { Instance } from '../serverState.js';
import { hash, mix } from './hash.js';
import type { Strategy } from './strategy.js';
import { weightOf } from './weightOf.js';

/**
 * The same caller to the same instance, for servers that remember who they have talked to.
 *
 * Rendezvous hashing: each instance draws a lot for a caller, the best draw wins. When an instance goes, its callers spread
 * evenly over the others and nobody else moves; weights are kept. Every gateway with the same addresses draws the same.
 *
 * @param keyOf what a caller is known by
 */
export const sticky =
  (keyOf: (exchange: Exchange & Resolved) => string): Strategy =>
  (candidates, exchange) => {
    const key = hash(keyOf(exchange));
    return candidates
      .map((instance) => ({ instance, draw: draw(key, instance) }))
      .sort((a, b) => b.draw - a.draw)
      .map(({ instance }) => instance);
  };

/** Distributed so that the chance of the best draw is the share of the weight. */
const draw = (key: number, instance: Instance): number =>
  weightOf(instance) / -Math.log((mix(key ^ (instance.standing?.seed ?? hash(instance.id))) + 0.5) / 2 ** 32);
