import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';
import { fromUnknown } from '../protocol/errors.js';
import { guard, type GuardOptions } from '../sources/http/guard.js';
import type { AdminConsole } from './admin/adminConsole.js';
import { openMetrics, openMetricsType } from '../sinks/metrics/openMetrics.js';
import { isReady, type Health } from './health.js';

const own: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * The admin listener: `/healthz` (200 while the process lives) and `/readyz` (200 when it can take calls, 503 while starting
 * or draining), both with the state of every server, and `/metrics` in the text format of Prometheus, or that of OpenMetrics for who asks for it. All else is for the console.
 */
export const adminListener =
  (
    health: () => Health | Promise<Health>,
    options: () => GuardOptions,
    metrics: () => Registry | Promise<Registry>,
    console?: AdminConsole,
  ): RequestListener =>
  (request, response) => {
    const write = (status: number, contentType: string, text: string): void => {
      response.writeHead(status, {
        'content-type': contentType,
        'cache-control': 'no-store',
        'content-length': Buffer.byteLength(text),
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const send = (status: number, body: unknown): void =>
      write(status, 'application/json', `${JSON.stringify(body)}\n`);
    // Not by `new URL`, which throws for targets that node:http lets pass (`//`).
    const path = request.url?.split('?', 1)[0] ?? '';
    const isConsole = console !== undefined && !own.has(path);
    if (!isConsole) request.resume();
    try {
      guard(request, options());
    } catch (error) {
      const { code, message } = fromUnknown(error);
      return send(403, { error: isConsole ? { code, message } : message });
    }
    if (isConsole) return void console(path, request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(405, { error: 'Only GET and HEAD' });
    const answer = async (): Promise<void> => {
      switch (path) {
        case '/healthz':
          return void send(200, await health());
        case '/readyz': {
          const now = await health();
          return void send(isReady(now) ? 200 : 503, { ready: isReady(now), ...now });
        }
        case '/metrics': {
          const registry = await metrics();
          return /\bapplication\/openmetrics-text\b/.test(request.headers.accept ?? '')
            ? void write(200, openMetricsType, await openMetrics(registry))
            : void write(200, registry.contentType, await registry.metrics());
        }
        default:
          return void send(404, { error: 'Nothing here; try /healthz, /readyz or /metrics' });
      }
    };
    answer().catch((error: unknown) => send(500, { error: fromUnknown(error).message }));
  };
