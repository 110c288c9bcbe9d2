import { ApiError } from '../apiError.js';
import { callSummary } from '../callSummary.js';
import { callTest } from '../callTest.js';
import { toCallField } from '../toCallField.js';
import type { CallWatch } from '../callWatch.js';
import { groupCalls } from '../groupCalls.js';
import { limitOf } from '../limitOf.js';
import type { RecentCall } from '../recentCalls.js';
import type { Route } from '../route.js';

/** The calls that have ended last: found, grouped, one of them as a whole. */
export const callRoutes = ({ recent }: CallWatch): readonly Route[] => [
  {
    method: 'GET',
    path: '/calls',
    answer({ person, query }) {
      const limit = limitOf(query, 100);
      const page: RecentCall[] = [];
      let more = false;
      for (const call of recent.newest(callTest(query, person.tenant), cursorOf(query))) {
        more = page.length === limit;
        if (more) break;
        page.push(call);
      }
      const next = more ? page.at(-1)?.number : undefined;
      return {
        json: {
          calls: page.map(({ record }) => callSummary(record)),
          ...(next !== undefined && { next_cursor: String(next) }),
          source: 'memory',
          oldest: recent.oldest,
        },
      };
    },
  },
  {
    method: 'GET',
    path: '/calls/groups',
    answer: ({ person, query }) => ({
      json: groupCalls(recent.newest(callTest(query, person.tenant)), toCallField(query.get('by'))),
    }),
  },
  {
    method: 'GET',
    path: '/calls/{id}',
    answer({ person: { tenant }, at }) {
      const [call] = recent.newest(
        ({ id, who }) => id === at['id'] && (tenant === undefined || who?.tenant === tenant),
      );
      if (call === undefined)
        throw new ApiError('ERR_NOT_FOUND', 'This call is not remembered: see `admin.recent_calls`');
      return { json: { ...call.record, ...callSummary(call.record), roles: call.record.who?.roles } };
    },
  },
];

const cursorOf = (query: URLSearchParams): number | undefined => {
  const text = query.get('cursor');
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new ApiError('ERR_INVALID_REQUEST', '`cursor` is none of ours: begin anew');
  return Number(text);
};
