import type { ServerResponse } from 'node:http';
import type { ToolCall } from './mcpTools.js';

/** A request as the test backend parses it; its fixtures trust their gateway that far. */
export interface BackendMessage {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Request id → whom to tell that it was cancelled. */
export type Running = Map<string | number, (at: number) => void>;

/**
 * A `tools/call` as its tool sees it.
 *
 * @param extra put into every result (`resultType` in the modern era)
 */
export const toolCall = (
  { id = 0, params = {} }: BackendMessage,
  response: ServerResponse,
  running: Running,
  extra: Readonly<Record<string, unknown>>,
): ToolCall => ({
  name: String(params['name']),
  id,
  arguments: (params['arguments'] ?? {}) as Record<string, unknown>,
  meta: (params['_meta'] ?? {}) as Record<string, unknown>,
  response,
  reply(result) {
    running.delete(id);
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { ...extra, ...result } });
    if (response.headersSent) response.end(`event: message\ndata: ${answer}\n\n`);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  },
  notify(method, body) {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    return response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, params: body })}\n\n`);
  },
  abandoned: new Promise((resolve) =>
    response.once('close', () => response.writableFinished || resolve(performance.now())),
  ),
  cancelled: new Promise((resolve) => running.set(id, resolve)),
});
