import { callSummary } from '../callSummary.js';
import type { CallWatch } from '../callWatch.js';
import { ApiError } from '../apiError.js';
import { limitOf } from '../limitOf.js';
import { percentiles } from '../percentiles.js';
import type { Insiders } from '../questions.js';
import type { Route } from '../route.js';
import { serversFor } from '../serversFor.js';
import type { Tally } from '../tally.js';

/** Servers with their instances, and their tools. */
export const serverRoutes = (insiders: Insiders, watch: CallWatch): readonly Route[] => [
  {
    method: 'GET',
    path: '/servers',
    answer: async ({ person: { tenant } }) => ({ json: { servers: await serversFor(insiders, tenant) } }),
  },
  {
    method: 'GET',
    path: '/tools',
    async answer({ person: { tenant }, query }) {
      const page = await insiders.one('tools', {
        tenant,
        search: (query.get('search') ?? '').slice(0, 200),
        server: query.get('server') ?? undefined,
        after: query.get('cursor') ?? '',
        limit: limitOf(query, 200),
      });
      const tally = watch.tally(tenant);
      const last = page.more ? page.tools.at(-1)?.name : undefined;
      return {
        json: {
          tools: page.tools.map((tool) => ({ ...tool, ...counted(tally, tool.name) })),
          total: page.total,
          ...(last !== undefined && { next_cursor: last }),
        },
      };
    },
  },
  {
    method: 'GET',
    path: '/tools/{name}',
    async answer({ person: { tenant }, at: { name = '' } }) {
      const tool = await insiders.one('tool', { tenant, name });
      if (tool === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no tool of that name');
      const recent = [];
      for (const { record } of watch.recent.newest(
        ({ target, who }) => target === name && (tenant === undefined || who?.tenant === tenant),
      ))
        if (recent.push(callSummary(record)) === maxRecent) break;
      return { json: { ...tool, ...counted(watch.tally(tenant), name), recent } };
    },
  },
];

/** Calls shown with a tool. */
const maxRecent = 20;

const counted = (tally: Tally, tool: string) => {
  const { calls = 0, errors = 0, durations = [] } = tally.tool(tool) ?? {};
  return { calls, errors, p50_ms: percentiles(durations).p50_ms };
};
