/** Instances with standings, for tests. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { BalancingSettings } from '../../../src/config/balancingSettings.js';
import { hash } from '../../../src/streams/balancing/hash.js';
import { Peers } from '../../../src/streams/balancing/peers.js';
import { Standing } from '../../../src/streams/balancing/standing.js';
import type { Instance } from '../../../src/streams/serverState.js';
import { fakeBackend } from '../../../src/testing/fakeBackend.js';

export const balancing = (parts: Partial<BalancingSettings> = {}): BalancingSettings => ({
  weights: [],
  stickyBy: 'session',
  breaker: {
    failures: 2,
    failureRate: 0.5,
    minCalls: 100,
    windowMs: 1000,
    cooldownMs: 100,
    maxCooldownMs: 1000,
    slowFactor: 5,
  },
  healthCheck: undefined,
  retry: {
    attempts: undefined,
    attemptTimeoutMs: undefined,
    unsafe: false,
    budget: { share: 1, perSecond: 10 },
  },
  ...parts,
});

export type Standard = Instance & { readonly standing: Standing };

/** Instances of one server, by their ids. */
export const instancesWith = (
  ids: readonly string[],
  parts: Partial<BalancingSettings> = {},
  scheduler: SchedulerLike = asyncScheduler,
): readonly Standard[] => {
  const { breaker, retry, weights, hedge, standby = 0 } = balancing(parts);
  const peers = new Peers({ retry, slowFactor: breaker?.slowFactor, hedge, scheduler });
  return ids.map((id, index) => ({
    id,
    backend: fakeBackend(),
    standing: new Standing({
      weight: weights[index] ?? 1,
      standby: index >= ids.length - standby,
      seed: hash(`http://${id}.test`),
      breaker,
      peers,
      scheduler,
    }),
  }));
};
