import type { CallRecord } from '../../protocol/audit/callRecord.js';

/** One column of the table `calls`. */
export interface CallColumn {
  readonly name: string;
  /** In DuckDB's words. */
  readonly type: string;
  readonly about: string;
  /** What a record says of it; undefined for what it does not know. */
  readonly of: (record: CallRecord) => unknown;
}

const column = (name: string, type: string, about: string, of: CallColumn['of']): CallColumn => ({
  name,
  type,
  about,
  of,
});

const hourMs = 3_600_000;

/**
 * The columns of `calls`, version 1: some may be added, none is renamed or changes its meaning. docs/analytics.md is checked against them.
 */
export const callColumns: readonly CallColumn[] = [
  column('time', 'TIMESTAMP', 'when it ended, in UTC', ({ time }) => time),
  column('hour', 'TIMESTAMP', 'the hour that `time` is in: grouping by it is quick', ({ time }) =>
    new Date(Math.floor(Date.parse(time) / hourMs) * hourMs).toISOString(),
  ),
  column('id', 'VARCHAR', "the log's `request_id`", ({ id }) => id),
  column('trace_id', 'VARCHAR', 'its trace', ({ trace_id }) => trace_id),
  column('gateway', 'VARCHAR', 'which of several gateways', ({ gateway }) => gateway),
  column('user', 'VARCHAR', 'who called', ({ who }) => who?.user),
  column('client', 'VARCHAR', 'the client it called with', ({ who }) => who?.client),
  column('tenant', 'VARCHAR', 'its tenant', ({ who }) => who?.tenant),
  column('principal', 'VARCHAR', 'what tells callers apart; of an API key its id', ({ who }) => who?.id),
  column('auth_method', 'VARCHAR', 'how it was authenticated', ({ who }) => who?.method),
  column('roles', 'VARCHAR[]', 'its roles', ({ who }) => who?.roles),
  column('address', 'VARCHAR', 'where it called from', ({ address }) => address),
  column('transport', 'VARCHAR', '`http`, `websocket`, `stdio` …', ({ transport }) => transport),
  column('revision', 'VARCHAR', 'the revision of MCP', ({ revision }) => revision),
  column('namespace', 'VARCHAR', 'the route beneath the endpoint', ({ namespace }) => namespace),
  column('session', 'VARCHAR', 'a digest that tells sessions apart', ({ session }) => session),
  column('method', 'VARCHAR', '`tools/call`, `tools/list` …', ({ method }) => method),
  column('target', 'VARCHAR', 'the tool, prompt or URI', ({ target }) => target),
  column('tool', 'VARCHAR', 'the tool, of a `tools/call`', ({ method, target }) =>
    method === 'tools/call' ? target : undefined,
  ),
  column('server', 'VARCHAR', 'the server it went to', ({ server }) => server),
  column('instance', 'VARCHAR', 'the instance that answered', ({ instance }) => instance),
  column('attempts', 'USMALLINT', 'attempts at servers', ({ attempts }) => Math.min(attempts, 65_535)),
  column('allowed', 'BOOLEAN', 'what policies decided', ({ decision }) => decision?.allow),
  column('policy', 'VARCHAR', 'which of them', ({ decision }) => decision?.policy),
  column('outcome', 'VARCHAR', 'how it ended, in the words of the log', ({ outcome }) => outcome),
  column(
    'failed',
    'BOOLEAN',
    'whether `outcome` is neither `success` nor `cancelled`',
    ({ outcome }) => outcome !== 'success' && outcome !== 'cancelled',
  ),
  column('error', 'VARCHAR', 'the code of its error', ({ error }) => error),
  column('reason', 'VARCHAR', 'what the caller was told of it', ({ reason }) => reason?.slice(0, 500)),
  column('bytes_in', 'UBIGINT', "size of the request's message", ({ bytes_in }) => bytes_in),
  column('bytes_out', 'UBIGINT', 'size of what was answered', ({ bytes_out }) => bytes_out),
  column('duration_ms', 'DOUBLE', 'from arrival to end', ({ duration_ms }) => duration_ms),
  column(
    'duration_class',
    'USMALLINT',
    'of `duration_ms`: class n is about 0.01 ms × 1.05ⁿ; for quick percentiles',
    ({ duration_ms }) => durationClass(duration_ms),
  ),
];

const smallestMs = 0.01;
const growth = 1.05;

/** Percentiles of classes are off by 2.5 % at most, and grouping by them is ten times as quick. */
const durationClass = (ms: number): number =>
  ms <= smallestMs ? 0 : Math.round(Math.log(ms / smallestMs) / Math.log(growth));
