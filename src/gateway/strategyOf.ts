import type { ServerSettings } from '../config/settings.js';
import { failover } from '../streams/balancing/failover.js';
import { leastOutstanding } from '../streams/balancing/leastOutstanding.js';
import { roundRobin } from '../streams/balancing/roundRobin.js';
import { sticky } from '../streams/balancing/sticky.js';
import type { Strategy } from '../streams/balancing/strategy.js';
import { weighted } from '../streams/balancing/weighted.js';
import type { Exchange } from '../streams/exchange.js';

/** The strategy that a server's configuration names. */
export const strategyOf = (settings: ServerSettings): Strategy => {
  if (settings.type === 'stdio') return failover();
  switch (settings.strategy) {
    case 'failover':
      return failover();
    case 'round-robin':
      return roundRobin();
    case 'weighted':
      return weighted();
    case 'least-outstanding':
      return leastOutstanding();
    case 'sticky':
      return sticky(settings.balancing?.stickyBy === 'client' ? clientOf : sessionOf);
  }
};

/** Clients that have not said who they are can be told apart by nothing but their address. */
const clientOf = ({ notes, origin }: Exchange): string =>
  notes.principal === undefined || notes.principal.anonymous === true
    ? `address ${origin.address ?? ''}`
    : `principal ${notes.principal.id}`;

/** A session, where there is one. */
const sessionOf = (exchange: Exchange): string => exchange.origin.sessionId ?? clientOf(exchange);
