/** One column of the table `calls`. */
export interface CallColumn {
  readonly name: string;
  /** In DuckDB's words. */
  readonly type: string;
  readonly about: string;
  /** What it is made of, as SQL over a record `r`: the gateway's own thread has no work with it. */
  readonly sql: string;
}

const column = (name: string, type: string, about: string, sql = `r.${name}`): CallColumn => ({
  name,
  type,
  about,
  sql,
});

/**
 * The columns of `calls`, version 1: some may be added, none is renamed or changes its meaning. docs/analytics.md is checked against them.
 */
export const callColumns: readonly CallColumn[] = [
  column('time', 'TIMESTAMP', 'when it ended, in UTC'),
  column(
    'hour',
    'TIMESTAMP',
    'the hour that `time` is in: grouping by it is quick',
    "date_trunc('hour', r.time)",
  ),
  column('id', 'VARCHAR', "the log's `request_id`"),
  column('trace_id', 'VARCHAR', 'its trace'),
  column('gateway', 'VARCHAR', 'which of several gateways'),
  column('user', 'VARCHAR', 'who called', 'r.who."user"'),
  column('client', 'VARCHAR', 'the client it called with', 'r.who.client'),
  column('tenant', 'VARCHAR', 'its tenant', 'r.who.tenant'),
  column('principal', 'VARCHAR', 'what tells callers apart; of an API key its id', 'r.who.id'),
  column('auth_method', 'VARCHAR', 'how it was authenticated', 'r.who.method'),
  column('roles', 'VARCHAR[]', 'its roles', 'r.who.roles'),
  column('address', 'VARCHAR', 'where it called from'),
  column('transport', 'VARCHAR', '`http`, `websocket`, `stdio` …'),
  column('revision', 'VARCHAR', 'the revision of MCP'),
  column('namespace', 'VARCHAR', 'the route beneath the endpoint'),
  column('session', 'VARCHAR', 'a digest that tells sessions apart'),
  column('method', 'VARCHAR', '`tools/call`, `tools/list` …'),
  column('target', 'VARCHAR', 'the tool, prompt or URI'),
  column(
    'tool',
    'VARCHAR',
    'the tool, of a `tools/call`',
    "CASE WHEN r.method = 'tools/call' THEN r.target END",
  ),
  column('server', 'VARCHAR', 'the server it went to'),
  column('instance', 'VARCHAR', 'the instance that answered'),
  column('attempts', 'USMALLINT', 'attempts at servers'),
  column('allowed', 'BOOLEAN', 'what policies decided', 'r.decision.allow'),
  column('policy', 'VARCHAR', 'which of them', 'r.decision.policy'),
  column('outcome', 'VARCHAR', 'how it ended, in the words of the log'),
  column(
    'failed',
    'BOOLEAN',
    'whether `outcome` is neither `success` nor `cancelled`',
    "r.outcome NOT IN ('success', 'cancelled')",
  ),
  column('error', 'VARCHAR', 'the code of its error'),
  column('reason', 'VARCHAR', 'what the caller was told of it', 'left(r.reason, 500)'),
  column('bytes_in', 'UBIGINT', "size of the request's message"),
  column('bytes_out', 'UBIGINT', 'size of what was answered'),
  column('duration_ms', 'DOUBLE', 'from arrival to end'),
  column(
    'duration_class',
    'USMALLINT',
    'of `duration_ms`: class n is about 0.01 ms × 1.05ⁿ; for quick percentiles',
    'CASE WHEN r.duration_ms > 0.01 THEN round(ln(r.duration_ms / 0.01) / ln(1.05)) ELSE 0 END',
  ),
];
