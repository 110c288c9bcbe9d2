import type { CallWatch } from './callWatch.js';
import type { Insiders, Load, ServerRow } from './questions.js';
import { serversFor } from './serversFor.js';

export interface OverviewOptions {
  readonly insiders: Insiders;
  readonly watch: CallWatch;
  readonly now: () => number;
}

/** Something to know, and what to do about it. */
export interface Notice {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly remedy?: string;
}

/** How all of it is going, for who may see all or for a tenant. */
export interface Overview {
  /** The figures of now, with the last second as `point`. */
  scalars(tenant: string | undefined): Promise<object>;
  /** The same with what has been since. */
  whole(tenant: string | undefined): Promise<object>;
}

/** Reckons it from the calls that have ended and from what the gateway says of itself. */
export const overview = ({ insiders, watch, now }: OverviewOptions): Overview => {
  const scalars: Overview['scalars'] = async (tenant) => {
    const [loads, servers] = await Promise.all([
      insiders.all('load', { tenant }),
      serversFor(insiders, tenant),
    ]);
    const time = now();
    const tally = watch.tally(tenant);
    return {
      now: new Date(time).toISOString(),
      uptime_s: Math.round(process.uptime()),
      ...together(loads),
      ...tally.now(time),
      outcomes: tally.outcomes,
      top_tools: tally.topTools(10),
      notices: [...own(loads), ...servers.flatMap(noticesOf)],
    };
  };
  return {
    scalars,
    whole: async (tenant) => ({ ...(await scalars(tenant)), history: watch.tally(tenant).history(now()) }),
  };
};

/** What the processes say of themselves, once each. */
const own = (loads: readonly Load[]): readonly Notice[] =>
  [...new Set(loads.flatMap(({ notices = [] }) => notices))].map((text) => ({ severity: 'error', text }));

/** Sessions are shared: none of several processes sees more than there are. */
const together = (loads: readonly Load[]): Load => {
  const delays = loads.flatMap((load) => load.event_loop_p99_ms ?? []);
  return {
    in_flight: loads.reduce((sum, load) => sum + load.in_flight, 0),
    streams: loads.reduce((sum, load) => sum + load.streams, 0),
    sessions: Math.max(0, ...loads.map((load) => load.sessions)),
    ...(delays.length > 0 && { event_loop_p99_ms: Math.max(...delays) }),
  };
};

const noticesOf = ({ name, status, error, instances }: ServerRow): readonly Notice[] => {
  if (status === 'down')
    return [{ severity: 'error', text: `Server ${name} is down${error === undefined ? '' : `: ${error}`}` }];
  if (status !== 'degraded') return [];
  const down = instances.filter((instance) => instance.status === 'down').length;
  const why = error ?? (down > 0 ? `${down} of ${instances.length} instances do not serve` : undefined);
  return [{ severity: 'warning', text: `Server ${name} is degraded${why === undefined ? '' : `: ${why}`}` }];
};
