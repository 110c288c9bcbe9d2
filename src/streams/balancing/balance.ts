import type { ServerSettings } from '../../config/settings.js';
import type { Exchange, Resolved, Target } from '../exchange.js';
import type { Instance, Instances } from '../serverState.js';
import type { Strategy } from './strategy.js';

/**
 * The order in which a server's instances are tried for a call: those that are well as the strategy has it, behind them those that are
 * degraded, behind them those that only stand by, behind them those whose breaker is open or whose pings fail, the least recently
 * failed first, and behind all those that said to be asked later, the soonest first. None is left out: it may be the only one that can
 * answer.
 *
 * @param strategyOf makes the strategy of a server
 */
export const balance = (
  strategyOf: (settings: ServerSettings) => Strategy,
): ((target: Target, exchange: Exchange & Resolved) => readonly Instance[]) => {
  const strategies = new WeakMap<Instances, Strategy>();
  const strategyFor = ({ instances, settings }: Target['server']): Strategy => {
    let strategy = strategies.get(instances);
    if (strategy === undefined) strategies.set(instances, (strategy = strategyOf(settings)));
    return strategy;
  };
  return (target, exchange) => {
    const { server, preferred, repeatable } = target;
    const instances = server.instances.current;
    if (instances.length < 2) return instances;
    if (preferred !== undefined) return startingWith(preferred, instances);
    const strategy = strategyFor(server);
    if (instances.every((instance) => isWell(instance, repeatable))) return strategy(instances, exchange);
    const well = instances.filter((instance) => isWell(instance, repeatable));
    const degraded = instances.filter((instance) => isDegraded(instance, repeatable));
    const standby = instances.filter((instance) => isStandby(instance, repeatable));
    const ranked = new Set([
      ...ordered(well, strategy, exchange),
      ...ordered(degraded, strategy, exchange),
      ...standby,
    ]);
    return [...ranked, ...instances.filter((instance) => !ranked.has(instance)).sort(byTrouble)];
  };
};

const ordered = (
  candidates: readonly Instance[],
  strategy: Strategy,
  exchange: Exchange & Resolved,
): readonly Instance[] => (candidates.length < 2 ? candidates : strategy(candidates, exchange));

const isWell = ({ standing }: Instance, repeatable: boolean): boolean =>
  standing === undefined || (!standing.standby && standing.isWell(repeatable));
const isDegraded = ({ standing }: Instance, repeatable: boolean): boolean =>
  standing !== undefined && !standing.standby && standing.isDegraded(repeatable);
const isStandby = ({ standing }: Instance, repeatable: boolean): boolean =>
  standing?.standby === true && (standing.isWell(repeatable) || standing.isDegraded(repeatable));

/** The unhealthy behind those that may be well again; -Infinity minus itself is no number. */
const byTrouble = ({ standing: a }: Instance, { standing: b }: Instance): number => {
  const [wait, other] = [a?.busyMs ?? 0, b?.busyMs ?? 0];
  if (wait !== other) return wait - other;
  const [first, second] = [a?.failedAt ?? -Infinity, b?.failedAt ?? -Infinity];
  return first === second ? 0 : first - second;
};

/** The others after it: what one instance began another may know too. */
const startingWith = (id: string, instances: readonly Instance[]): readonly Instance[] => [
  ...instances.filter((instance) => instance.id === id),
  ...instances.filter((instance) => instance.id !== id),
];
