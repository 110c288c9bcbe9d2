import { Counter, Histogram, type Registry } from 'prom-client';
import type { GatewayErrorCode } from '../../protocol/errors.js';
import { isObject, isRequest } from '../../protocol/jsonrpc.js';
import { listenMethod, requestMethods } from '../../protocol/methods.js';
import type { Exchange, Notes } from '../../streams/exchange.js';
import { callBuckets } from './callBuckets.js';
import { sizeMetrics } from './sizeMetrics.js';
import { toolMetrics, type ToolMetricsOptions } from './toolMetrics.js';

/**
 * Counts each request that has ended and takes its time: `mcp_gateway_requests_total` and `mcp_gateway_request_duration_seconds`.
 *
 * > No label is a word of a client's: unknown methods are `other`, servers are those that the catalogue names.
 *
 * @returns to be told of every exchange that has ended
 */
export const toMetrics = (
  registry: Registry,
  options: ToolMetricsOptions,
): ((exchange: Exchange) => void) => {
  const requests = new Counter({
    name: 'mcp_gateway_requests_total',
    help: 'Requests that have ended, by MCP method, server (none where the gateway answers itself) and outcome.',
    labelNames: ['method', 'server', 'outcome'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'mcp_gateway_request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer.',
    labelNames: ['method', 'server'],
    buckets: callBuckets,
    registers: [registry],
  });
  const refused = new Counter({
    name: 'mcp_server_refused_calls_total',
    help: 'Calls that found no place at the server: the queue was full (limit="queue"), or they had waited for too long (limit="wait").',
    labelNames: ['server', 'limit'],
    registers: [registry],
  });
  const limited = new Counter({
    name: 'mcp_gateway_rate_limited_total',
    help: 'Messages refused by a rate limit or a quota, by who has it of his own and by the setting.',
    labelNames: ['by', 'limit'],
    registers: [registry],
  });
  const attempts = new Counter({
    name: 'mcp_gateway_attempts_total',
    help: 'Attempts at calls: the first one, one after a failure (retry), one besides a slow one (hedge). outrun: another was faster.',
    labelNames: ['server', 'kind', 'outcome'],
    registers: [registry],
  });
  const cached = new Counter({
    name: 'mcp_gateway_cache_requests_total',
    help: 'Calls whose answers are to be remembered: answered from memory (hit) or by their server (miss).',
    labelNames: ['method', 'server', 'result'],
    registers: [registry],
  });
  const countAttempts = (
    server: string,
    { tried = [], attempts: made, outcome = 'cancelled' }: Notes,
  ): void => {
    for (const attempt of tried)
      attempts.inc({ server, kind: attempt.kind, outcome: attempt.outcome ?? 'cancelled' });
    // Those of which there is nothing to tell were the only ones of their round.
    if (made > tried.length) attempts.inc({ server, kind: 'first', outcome }, made - tried.length);
  };
  const sized = sizeMetrics(registry);
  const called = toolMetrics(registry, options);
  return (exchange) => {
    const { message, notes, startedAt } = exchange;
    // Notifications, too.
    if (notes.error !== undefined && isRate(notes.error.code)) limited.inc(labelsOf(notes.error.data));
    if (!isRequest(message)) return;
    const method = requestMethods.has(message.method) ? message.method : 'other';
    const server = notes.server ?? '';
    requests.inc({ method, server, outcome: notes.outcome ?? 'cancelled' });
    countAttempts(server, notes);
    if (notes.cached !== undefined) cached.inc({ method, server, result: notes.cached });
    if (method === 'tools/call') called(exchange);
    if (notes.error?.code === 'ERR_SERVER_BUSY') refused.inc({ server, limit: limitOf(notes.error.data) });
    // A standing stream lasts for as long as its client likes.
    if (method === listenMethod) return;
    durations.observe({ method, server }, (performance.now() - startedAt) / 1000);
    sized(exchange, method);
  };
};

const isRate = (code: GatewayErrorCode): boolean =>
  code === 'ERR_RATE_LIMITED' || code === 'ERR_QUOTA_EXCEEDED';

/** Names of settings: as many as the configuration has. */
const labelsOf = (data: unknown): { by: string; limit: string } => {
  const { by, limit } = isObject(data) ? data : {};
  return { by: typeof by === 'string' ? by : '', limit: typeof limit === 'string' ? limit : '' };
};

/** `concurrency.queue` or `concurrency.wait`, without what they have in common. */
const limitOf = (data: unknown): string =>
  isObject(data) && typeof data['limit'] === 'string' ? data['limit'].replace('concurrency.', '') : '';
