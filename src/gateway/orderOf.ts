import type { ServerSettings } from '../config/settings.js';
import type { Order } from '../operators/retryAcrossInstances.js';
import { balance } from '../streams/balancing/balance.js';
import type { Strategy } from '../streams/balancing/strategy.js';
import { strategyOf } from './strategyOf.js';

/** Makes the strategy of a server; undefined for the one its configuration names. */
export type StrategyOf = (server: ServerSettings) => Strategy | undefined;

/** The order in which instances are tried: by a strategy of the program's own, where it has one, else by the configured one. */
export const orderOf = (own: StrategyOf = () => undefined): Order =>
  balance((server) => own(server) ?? strategyOf(server));
