import type { SchedulerLike } from 'rxjs';
import type { BalancingSettings } from '../../config/balancingSettings.js';
import { hash } from './hash.js';
import { Peers } from './peers.js';
import { Standing } from './standing.js';

/**
 * The standings of a server's instances, which know each other.
 *
 * @param addresses one for each instance, in their order; the same address draws the same lots in every gateway
 */
export const standingsOf = (
  addresses: readonly string[],
  { breaker, retry, weights }: BalancingSettings,
  scheduler: SchedulerLike,
): readonly Standing[] => {
  const peers = new Peers({ retry, slowFactor: breaker?.slowFactor, scheduler });
  return addresses.map(
    (address, index) =>
      new Standing({ weight: weights[index] ?? 1, seed: hash(address), breaker, peers, scheduler }),
  );
};
