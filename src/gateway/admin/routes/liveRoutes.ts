import { callSummary } from '../callSummary.js';
import type { CallWatch } from '../callWatch.js';
import type { LiveEvents } from '../liveEvents.js';
import type { Overview } from '../overview.js';
import type { Route } from '../route.js';
import type { CallRecord } from '../../../protocol/audit/callRecord.js';

export interface LiveRoutesOptions {
  readonly overview: Overview;
  readonly events: LiveEvents;
  readonly watch: CallWatch;
  readonly pipeline: (tenant: string | undefined) => object;
}

/** Calls shown with a stage. */
const maxCalls = 50;

/** How it is going: at a glance, live, and stage by stage. */
export const liveRoutes = ({ overview, events, watch, pipeline }: LiveRoutesOptions): readonly Route[] => [
  {
    method: 'GET',
    path: '/overview',
    answer: async ({ person }) => ({ json: await overview.whole(person.tenant) }),
  },
  {
    method: 'GET',
    path: '/events',
    answer: ({ person, signIn, query }) => ({
      write: events.open(person, signIn, (query.get('topics') ?? 'overview').split(',')),
    }),
  },
  { method: 'GET', path: '/pipeline', answer: ({ person }) => ({ json: pipeline(person.tenant) }) },
  {
    method: 'GET',
    path: '/pipeline/{node}/calls',
    answer({ person: { tenant }, at: { node = '' } }) {
      const seen = ({ who }: CallRecord): boolean => tenant === undefined || who?.tenant === tenant;
      const last = (test: (record: CallRecord) => boolean) => {
        const calls = [];
        for (const { record } of watch.recent.newest((one) => seen(one) && test(one)))
          if (calls.push(callSummary(record)) === maxCalls) break;
        return calls;
      };
      // What was refused is what one looks for; where nothing was, what passed.
      const refused = last(({ stages, error }) => error !== undefined && stages?.at(-1)?.name === node);
      const calls =
        refused.length > 0
          ? refused
          : last(({ stages }) => stages?.some(({ name }) => name === node) ?? false);
      return { json: { calls } };
    },
  },
];
