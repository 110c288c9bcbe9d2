import { bytesPerToken } from '../../protocol/tokens.js';
import type { ReportParameters } from './reportParameters.js';

/** Columns that a report can be narrowed to one value of, by the parameter that says so. */
export const filters = {
  tool: 'tool',
  server: 'server',
  user: '"user"',
  client: 'client',
  of_tenant: 'tenant',
  outcome: 'outcome',
} as const satisfies Partial<Record<keyof ReportParameters, string>>;

export type Filter = keyof typeof filters;

/** How fine a report over time is. */
export type Step = 'minute' | 'hour' | 'day';

/** A report that can be asked for by its name. */
export interface Report {
  readonly name: string;
  readonly title: string;
  /** Without which it says nothing. */
  readonly needs?: Filter;
  /** @param from the calls it is about: a table expression with the columns of `calls` */
  readonly sql: (from: string, step: Step) => string;
}

const share = 'round(count(*) FILTER (failed) / count(*), 4) AS error_rate';
const counted = `count(*) AS calls, count(*) FILTER (failed) AS errors, ${share}`;
/** As `estimatedTokens`; what was not counted counts as nothing. */
const tokens = `round(coalesce(sum(bytes_in), 0) / ${bytesPerToken})::BIGINT AS tokens_in, round(coalesce(sum(bytes_out), 0) / ${bytesPerToken})::BIGINT AS tokens_out`;
const span = 'min(time) AS first, max(time) AS last';
const msOf = (condition: string): string =>
  `round(0.01 * pow(1.05, min(duration_class) FILTER (${condition})), 2)`;
const most = "ORDER BY calls DESC, 1 LIMIT getvariable('row_limit')";

const usage: Report['sql'] = (from, step) => {
  const at = step === 'minute' ? "date_trunc('minute', time)" : 'hour';
  return `SELECT ${step === 'day' ? "date_trunc('day', moment)" : 'moment'} AS time, sum(calls)::BIGINT AS calls,
      sum(errors)::BIGINT AS errors, round(sum(bytes_in) / ${bytesPerToken})::BIGINT AS tokens_in, round(sum(bytes_out) / ${bytesPerToken})::BIGINT AS tokens_out
    FROM (SELECT ${at} AS moment, count(*) AS calls, count(*) FILTER (failed) AS errors,
        coalesce(sum(bytes_in), 0) AS bytes_in, coalesce(sum(bytes_out), 0) AS bytes_out FROM ${from} GROUP BY 1)
    GROUP BY 1 ORDER BY 1 LIMIT getvariable('row_limit')`;
};

/** Percentiles by classes of durations: exact ones would take ten times as long. */
const latency: Report['sql'] = (
  from,
) => `WITH classes AS (SELECT coalesce(tool, method) AS name, duration_class, count(*) AS n, max(duration_ms) AS longest FROM ${from} GROUP BY ALL),
    sums AS (SELECT *, sum(n) OVER (PARTITION BY name ORDER BY duration_class) AS upto, sum(n) OVER (PARTITION BY name) AS total FROM classes)
  SELECT name AS tool, sum(n)::BIGINT AS calls, ${msOf('upto >= 0.5 * total')} AS p50_ms, ${msOf('upto >= 0.95 * total')} AS p95_ms,
    ${msOf('upto >= 0.99 * total')} AS p99_ms, round(max(longest), 2) AS max_ms
  FROM sums GROUP BY name ${most}`;

/** The named reports. What stands in their SQL is ours; what is asked for reaches it as variables. */
export const reports: readonly Report[] = [
  { name: 'usage', title: 'Calls and errors over time', sql: usage },
  {
    name: 'tools',
    title: 'Tools by how often they are called',
    sql: (from) =>
      `SELECT tool, server, ${counted}, approx_count_distinct("user") AS users, ${tokens}, max(time) AS last
        FROM ${from} WHERE tool IS NOT NULL GROUP BY tool, server ${most}`,
  },
  { name: 'latency', title: 'How long calls take: percentiles by tool', sql: latency },
  {
    name: 'errors',
    title: 'What goes wrong, where',
    sql: (from) =>
      `SELECT outcome, error, coalesce(tool, method) AS tool, server, count(*) AS calls, approx_count_distinct("user") AS users, ${span}
        FROM ${from} WHERE outcome <> 'success' GROUP BY ALL ORDER BY calls DESC, 1, 2, 3 LIMIT getvariable('row_limit')`,
  },
  {
    name: 'users',
    title: 'Who uses it, and how much',
    sql: (from) =>
      `SELECT "user", tenant, ${counted}, approx_count_distinct(tool) AS tools, ${tokens}, ${span}
        FROM ${from} GROUP BY "user", tenant ${most}`,
  },
  {
    name: 'clients',
    title: 'Which clients call',
    sql: (from) =>
      `SELECT client, ${counted}, approx_count_distinct("user") AS users, ${tokens}, ${span} FROM ${from} GROUP BY client ${most}`,
  },
  {
    name: 'tenants',
    title: 'Tenants by calls',
    sql: (from) =>
      `SELECT tenant, ${counted}, approx_count_distinct("user") AS users, ${tokens}, ${span} FROM ${from} GROUP BY tenant ${most}`,
  },
  {
    name: 'tokens',
    title:
      'Tokens that lists of tools and results put into the context of models (estimated: four bytes each)',
    sql: (from) =>
      `SELECT method, tool, count(*) AS calls, round(coalesce(sum(bytes_out), 0) / ${bytesPerToken})::BIGINT AS tokens_out,
          round(avg(bytes_out) / ${bytesPerToken})::BIGINT AS mean_tokens_out, round(max(bytes_out) / ${bytesPerToken})::BIGINT AS max_tokens_out,
          round(coalesce(sum(bytes_in), 0) / ${bytesPerToken})::BIGINT AS tokens_in
        FROM ${from} GROUP BY method, tool ORDER BY tokens_out DESC, 1, 2 LIMIT getvariable('row_limit')`,
  },
  {
    name: 'who-called',
    title: 'Who called a tool, how often, when',
    needs: 'tool',
    sql: (from) =>
      `SELECT "user", client, tenant, session, count(*) AS calls, count(*) FILTER (failed) AS errors, ${span},
          round(quantile_cont(duration_ms, 0.95), 2) AS p95_ms
        FROM ${from} GROUP BY ALL ORDER BY calls DESC, 1, 2, 3, 4 LIMIT getvariable('row_limit')`,
  },
];
