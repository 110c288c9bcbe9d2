import type { Order } from '../operators/retryAcrossInstances.js';
import type { Instance } from '../streams/serverState.js';

/**
 * The order in which a server's instances are tried: as configured for `failover`, turning by one with each call otherwise.
 */
export const instanceOrder = (): Order => {
  const turns = new WeakMap<readonly Instance[], number>();
  return ({ server: { instances, settings }, preferred }) => {
    if (preferred !== undefined) return startingWith(preferred, instances);
    if (instances.length < 2 || settings.type === 'stdio' || settings.strategy === 'failover')
      return instances;
    const turn = turns.get(instances) ?? 0;
    turns.set(instances, (turn + 1) % instances.length);
    return [...instances.slice(turn), ...instances.slice(0, turn)];
  };
};

/** The others after it: what one instance began another may know too. */
const startingWith = (id: string, instances: readonly Instance[]): readonly Instance[] => [
  ...instances.filter((instance) => instance.id === id),
  ...instances.filter((instance) => instance.id !== id),
];
