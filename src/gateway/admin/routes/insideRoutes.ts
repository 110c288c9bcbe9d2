import { randomUUID } from 'node:crypto';
import { isObject } from '../../../protocol/jsonrpc.js';
import { ApiError } from '../apiError.js';
import type { CallWatch } from '../callWatch.js';
import { limitOf } from '../limitOf.js';
import type { ConsoleEvent } from '../noted.js';
import type { Insiders, SessionRow } from '../questions.js';
import type { Route } from '../route.js';

/** Largest arguments of a tried call. */
const maxArgumentBytes = 1024 * 1024;

/** What lives in the gateway itself: tools to be tried, sessions, tenants, policies. */
export const insideRoutes = (
  insiders: Insiders,
  watch: CallWatch,
  tell: (event: ConsoleEvent) => void,
): readonly Route[] => [
  {
    method: 'POST',
    path: '/tools/{name}/call',
    adminsOnly: true,
    maxBytes: maxArgumentBytes,
    async answer({ person: { user, tenant }, at: { name = '' }, body, request: { socket } }) {
      const { arguments: args = {}, namespace } = body;
      if (!isObject(args)) throw new ApiError('ERR_INVALID_REQUEST', '`arguments` is an object');
      if (namespace !== undefined && typeof namespace !== 'string')
        throw new ApiError('ERR_INVALID_REQUEST', '`namespace` is a name');
      const ticket = randomUUID();
      // Whoever is gone waits for nothing; a worker that does not answer has nothing to cancel, or is gone itself.
      const cancel = (): void => void insiders.all('cancel', { ticket }).catch(() => undefined);
      socket.once('close', cancel);
      try {
        return { json: await insiders.one('call', { user, tenant, name, args, namespace, ticket }) };
      } finally {
        socket.off('close', cancel);
      }
    },
  },
  {
    method: 'GET',
    path: '/sessions',
    async answer({ person: { tenant }, query }) {
      const all = together(await insiders.all('sessions', { tenant }));
      const after = query.get('cursor') ?? '';
      const limit = limitOf(query, 200);
      const rest = after === '' ? all : all.slice(all.findIndex(({ digest }) => digest === after) + 1);
      const page = rest.slice(0, limit);
      const last = rest.length > limit ? page.at(-1)?.digest : undefined;
      return {
        json: { sessions: page, total: all.length, ...(last !== undefined && { next_cursor: last }) },
      };
    },
  },
  {
    method: 'DELETE',
    path: '/sessions/{digest}',
    adminsOnly: true,
    async answer({ person, address, at: { digest = '' } }) {
      const ended = await insiders.all('endSession', { tenant: person.tenant, digest });
      if (!ended.includes(true))
        throw new ApiError('ERR_NOT_FOUND', 'There is no such session, or it has ended');
      tell({ event: 'session_ended', method: person.method, person, address, session: digest });
      return {};
    },
  },
  {
    method: 'GET',
    path: '/tenants',
    async answer({ person: { tenant } }) {
      const { tenants, limits } = await insiders.one('tenants', { tenant });
      const users = new Map<string, Set<string>>();
      for (const { record } of watch.recent.newest(({ who }) => who?.user !== undefined)) {
        const { tenant: of = '', user = '' } = record.who ?? {};
        const known = users.get(of);
        if (known === undefined) users.set(of, new Set([user]));
        else known.add(user);
      }
      return {
        json: {
          tenants: tenants.map((row) => {
            const { calls, errors } = watch.tally(row.name).total;
            return { ...row, calls, errors, users: users.get(row.name)?.size ?? 0 };
          }),
          limits,
        },
      };
    },
  },
  {
    method: 'GET',
    path: '/policies',
    async answer({ person: { tenant } }) {
      return { json: { policies: await insiders.one('policies', { tenant }) } };
    },
  },
];

/** A session that several processes have served is one; the one used last comes first. */
const together = (seen: readonly (readonly SessionRow[])[]): readonly SessionRow[] => {
  const all = new Map<string, SessionRow>();
  for (const row of seen.flat()) {
    const known = all.get(row.digest);
    all.set(
      row.digest,
      known === undefined
        ? row
        : {
            ...known,
            calls: known.calls + row.calls,
            streams: known.streams + row.streams,
            last_seen: known.last_seen > row.last_seen ? known.last_seen : row.last_seen,
          },
    );
  }
  return [...all.values()].sort((a, b) => (a.last_seen < b.last_seen ? 1 : -1));
};
