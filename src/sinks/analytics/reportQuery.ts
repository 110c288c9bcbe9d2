import { AnalyticsError } from './analyticsError.js';
import type { ReportParameters } from './reportParameters.js';
import { filters, reports, type Filter, type Step } from './reports.js';

/** A statement, and the variables it reads. */
export interface ReportQuery {
  readonly sql: string;
  readonly variables: Readonly<Record<string, string | number>>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const units = { m: 60_000, h: hourMs, d: dayMs } as const;
const defaultRows = 1000;

/**
 * A report as SQL. Nothing of what is asked for stands in its text.
 *
 * @param now in milliseconds since 1970
 * @throws AnalyticsError `ERR_REPORT_UNKNOWN`, `ERR_QUERY_INVALID`
 */
export const reportQuery = (name: string, parameters: ReportParameters, now: number): ReportQuery => {
  const report = reports.find((one) => one.name === name);
  if (report === undefined)
    throw new AnalyticsError(
      'ERR_REPORT_UNKNOWN',
      `There is no report ${JSON.stringify(name.slice(0, 40))}; there are ${reports.map((one) => one.name).join(', ')}`,
    );
  if (report.needs !== undefined && parameters[report.needs] === undefined)
    throw new AnalyticsError('ERR_QUERY_INVALID', `The report ${name} has to be told \`${report.needs}\``);
  const to = parameters.to === undefined ? now : momentOf(parameters.to, now);
  const from = parameters.from === undefined ? to - dayMs : momentOf(parameters.from, now);
  if (from >= to) throw new AnalyticsError('ERR_QUERY_INVALID', '`from` has to be earlier than `to`');
  const { limit = defaultRows } = parameters;
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new AnalyticsError('ERR_QUERY_INVALID', '`limit` is a number from 1');
  const given = (Object.keys(filters) as Filter[]).filter((filter) => parameters[filter] !== undefined);
  const conditions = [
    "time >= getvariable('from_time')::TIMESTAMP",
    "time < getvariable('to_time')::TIMESTAMP",
    ...given.map((filter) => `${filters[filter]} = getvariable('only_${filter}')`),
  ];
  return {
    sql: report.sql(`(SELECT * FROM calls WHERE ${conditions.join(' AND ')}) AS asked`, stepOf(to - from)),
    variables: {
      from_time: new Date(from).toISOString(),
      to_time: new Date(to).toISOString(),
      row_limit: limit,
      ...Object.fromEntries(given.map((filter) => [`only_${filter}`, parameters[filter] ?? ''])),
    },
  };
};

/** So that a picture has some hundreds of points at most. */
const stepOf = (ms: number): Step => (ms <= 6 * hourMs ? 'minute' : ms <= 14 * dayMs ? 'hour' : 'day');

const momentOf = (text: string, now: number): number => {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const moment =
    amount === undefined ? Date.parse(text) : now - Number(amount) * units[unit as keyof typeof units];
  // Date.parse takes more than ISO 8601, and reads it in the zone of the machine.
  if (
    Number.isNaN(moment) ||
    (amount === undefined && !/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text))
  )
    throw new AnalyticsError(
      'ERR_QUERY_INVALID',
      `${JSON.stringify(text.slice(0, 40))} is no time: write 2026-11-21, 2026-11-21T12:00:00Z, or how long ago: 24h, 7d`,
    );
  return moment;
};
