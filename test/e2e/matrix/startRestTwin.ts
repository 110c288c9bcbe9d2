import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { working } from '../../fixtures/working.js';
import { startService, type Service } from '../../backends/rest/startService.js';

/** The everything server's tools, as far as a REST service can have them: path template and whether the answer streams. */
export const restTools = {
  test_simple_text: { path: '/simple' },
  test_tool_with_progress: { path: '/steps', streaming: true },
  test_hang: { path: '/hang/{key}', streaming: true },
  test_await_cancellation: { path: '/cancelled/{key}' },
  test_error_handling: { path: '/error' },
} as const;

/** A REST service that does what the everything server does, without MCP. */
export const startRestTwin = (): Promise<Service> => {
  const cancelled = new Set<string>();
  const events = new EventEmitter();

  const answer = (response: ServerResponse, status: number, text: string): void =>
    void response.writeHead(status, { 'content-type': 'text/plain' }).end(text);

  /** Paused as the everything server's: clients of the official SDK drop a report that arrives together with the answer. */
  const steps = async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const done of [0, 50, 100]) {
      response.write(`data: Completed ${done} of 100\n\n`);
      await working(50);
    }
    response.end();
  };

  /** One event, then nothing until the caller hangs up. */
  const hang = (response: ServerResponse, key: string): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: started\n\n');
    response.once('close', () => {
      cancelled.add(key);
      events.emit(key);
    });
  };

  const awaitCancellation = async (response: ServerResponse, key: string): Promise<void> => {
    if (!cancelled.has(key)) await once(events, key);
    answer(response, 200, `${key} was cancelled`);
  };

  const serve = async (response: ServerResponse, what: string, key: string): Promise<void> => {
    if (what === 'simple') answer(response, 200, 'This is a simple text response for testing.');
    else if (what === 'steps') await steps(response);
    else if (what === 'hang') hang(response, key);
    else if (what === 'cancelled') await awaitCancellation(response, key);
    else answer(response, 422, 'This tool intentionally returns an error for testing');
  };

  return startService((_request, response, { url }) => {
    const [, what = '', key = ''] = url.split('/');
    serve(response, what, key).catch((error: unknown) => response.destroy(error as Error));
  });
};
