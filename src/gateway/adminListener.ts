import type { RequestListener } from 'node:http';
import { fromUnknown } from '../protocol/errors.js';
import { guard, type GuardOptions } from '../sources/http/guard.js';
import { isReady, type Health } from './health.js';

/**
 * The admin listener: `/healthz` (200 while the process lives) and `/readyz` (200 when it can take calls, 503 while starting
 * or draining), both with the state of every server.
 */
export const adminListener =
  (health: () => Health, options: () => GuardOptions): RequestListener =>
  (request, response) => {
    const send = (status: number, body: unknown): void => {
      const text = `${JSON.stringify(body)}\n`;
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'content-length': Buffer.byteLength(text),
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    request.resume();
    try {
      guard(request, options());
    } catch (error) {
      return send(403, { error: fromUnknown(error).message });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(405, { error: 'Only GET and HEAD' });
    // Not by `new URL`, which throws for targets that node:http lets pass (`//`).
    switch (request.url?.split('?', 1)[0]) {
      case '/healthz':
        return send(200, health());
      case '/readyz': {
        const now = health();
        return send(isReady(now) ? 200 : 503, { ready: isReady(now), ...now });
      }
      default:
        return send(404, { error: 'Nothing here; try /healthz or /readyz' });
    }
  };
