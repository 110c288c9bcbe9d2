import { pipeline } from 'node:stream';
import type { Analytics, Exported, ExportFormat, Question } from '../../../sinks/analytics/analytics.js';
import { AnalyticsError, type AnalyticsErrorCode } from '../../../sinks/analytics/analyticsError.js';
import type { ReportParameters } from '../../../sinks/analytics/reportParameters.js';
import { filters } from '../../../sinks/analytics/reports.js';
import type { Log } from '../../../streams/log.js';
import { ApiError, type ApiErrorCode } from '../apiError.js';
import { consoleHeaders } from '../consoleHeaders.js';
import type { Person } from '../person.js';
import type { ApiAnswer, Route } from '../route.js';

const types: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
};

/**
 * What the admin API says of analytics: named reports for everybody who has signed in, SQL for admins; who belongs to a tenant is answered
 * from the calls of that tenant alone.
 *
 * @param analytics undefined where the configuration keeps none
 */
export const analyticsRoutes = (analytics: Analytics | undefined, log: Log): readonly Route[] => {
  const there = (): Analytics => {
    if (analytics === undefined) throw new ApiError('ERR_NOT_AVAILABLE', off);
    return analytics;
  };
  const answer = async (
    question: Question,
    format: string | null,
    { tenant, user }: Person,
  ): Promise<ApiAnswer> => {
    const from = there();
    if (format !== null && !Object.hasOwn(types, format))
      throw new ApiError('ERR_INVALID_REQUEST', '`format` is csv, json or parquet');
    try {
      return format === null
        ? { json: await from.ask(question, { tenant, user }) }
        : written(
            await from.export(question, format as ExportFormat, { tenant, user }),
            format as ExportFormat,
            log,
          );
    } catch (error) {
      throw error instanceof AnalyticsError ? new ApiError(codes[error.code], error.message) : error;
    }
  };
  return [
    {
      method: 'GET',
      path: '/analytics',
      answer({ person }) {
        const { state } = there();
        // How much there is of all tenants is none of a tenant's business.
        return { json: person.tenant === undefined ? state : { status: state.status } };
      },
    },
    {
      method: 'GET',
      path: '/analytics/reports',
      answer: () => ({
        json: {
          reports: there().reports.map(({ name, title, needs }) => ({
            name,
            title,
            parameters: ['from', 'to', 'limit', ...Object.keys(filters)],
            required: needs === undefined ? [] : [needs],
          })),
        },
      }),
    },
    {
      method: 'GET',
      path: '/analytics/reports/{name}',
      answer: ({ at, query, person }) =>
        answer({ report: at['name'] ?? '', parameters: parametersOf(query) }, query.get('format'), person),
    },
    {
      method: 'POST',
      path: '/analytics/query',
      adminsOnly: true,
      answer({ body: { sql, format }, person }) {
        if (typeof sql !== 'string')
          throw new ApiError('ERR_INVALID_REQUEST', 'Send `{ "sql": "SELECT …" }`');
        log.info(
          { event: 'analytics_query', user: person.user, tenant: person.tenant, sql: sql.slice(0, 2000) },
          'Somebody asks analytics',
        );
        return answer(
          { sql },
          format === undefined ? null : typeof format === 'string' ? format : '',
          person,
        );
      },
    },
  ];
};

const off =
  'Analytics is off: add `analytics: { path: ./analytics }` to the configuration and start anew. See docs/analytics.md.';

const codes: Readonly<Record<AnalyticsErrorCode, ApiErrorCode>> = {
  ERR_QUERY_INVALID: 'ERR_INVALID_REQUEST',
  ERR_QUERY_TIMEOUT: 'ERR_INVALID_REQUEST',
  ERR_QUERY_TOO_LARGE: 'ERR_INVALID_REQUEST',
  ERR_REPORT_UNKNOWN: 'ERR_NOT_FOUND',
  ERR_ANALYTICS_BUSY: 'ERR_TOO_MANY',
  ERR_ANALYTICS_AWAY: 'ERR_STARTING',
  ERR_ANALYTICS_IN_USE: 'ERR_STARTING',
  ERR_ANALYTICS_UNAVAILABLE: 'ERR_STARTING',
};

const texts = ['from', 'to', ...(Object.keys(filters) as (keyof typeof filters)[])] as const;

const parametersOf = (query: URLSearchParams): ReportParameters => {
  const limit = query.get('limit');
  return {
    ...Object.fromEntries(texts.map((name) => [name, query.get(name) ?? undefined])),
    ...(limit !== null && { limit: Number(limit) }),
  };
};

const written = (
  { content, bytes, rows, truncated }: Exported,
  format: ExportFormat,
  log: Log,
): ApiAnswer => ({
  write(response) {
    response.writeHead(200, {
      ...consoleHeaders,
      'cache-control': 'no-store',
      'content-type': types[format],
      'content-length': bytes,
      'content-disposition': `attachment; filename="sluice-analytics.${format}"`,
      'sluice-rows': rows,
      'sluice-truncated': String(truncated),
    });
    pipeline(content, response, (error) => {
      if (error instanceof Error)
        log.debug({ event: 'export_cut_off', cause: error.message }, 'Who asked has left');
    });
  },
});
