import type { Dispatcher } from 'undici';
import { events, type ServerSentEvent } from './events.js';

/** A request. */
export interface HttpExchange {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Told of its response. */
export interface HttpHearer {
  /** The session that the response names. */
  readonly opened?: (session: string) => void;
  /** Of a response that is a stream. */
  readonly event?: (event: ServerSentEvent) => void;
  readonly retry?: (ms: number) => void;
  /**
   * It has ended.
   *
   * @param status 0 where there was no response
   * @param body of one that was no stream
   * @param failure why it ended before its end
   */
  readonly done: (status: number, body: string | undefined, failure: string | undefined) => void;
}

/** Longest body that is no stream, in bytes. */
const maxBody = 32 * 1024 * 1024;

/** Sends a request and tells of its response as it comes. Gives what ends it early; `done` is told then, too. */
export const exchangeOver = (
  dispatcher: Dispatcher,
  { url, method, headers, body }: HttpExchange & { readonly url: string },
  { opened, event, retry, done }: HttpHearer,
): (() => void) => {
  const { origin, pathname, search } = new URL(url);
  let controller: Dispatcher.DispatchController | undefined;
  let aborted = false;
  let status = 0;
  let feed: ((chunk: Buffer) => void) | undefined;
  let bytes = 0;
  const chunks: Buffer[] = [];
  dispatcher.dispatch(
    {
      origin,
      path: `${pathname}${search}`,
      method,
      headers,
      body: body ?? null,
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    {
      onRequestStart(started) {
        controller = started;
        if (aborted) started.abort(new Error('given up'));
      },
      onResponseStart(_controller, code, answered) {
        status = code;
        const session = answered['mcp-session-id'];
        if (typeof session === 'string') opened?.(session);
        if (String(answered['content-type']).startsWith('text/event-stream') && event !== undefined)
          feed = events(event, retry);
      },
      onResponseData(started, chunk) {
        if (feed !== undefined) return void feed(chunk);
        bytes += chunk.length;
        if (bytes > maxBody) started.abort(new Error('the body is too large'));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        done(status, feed === undefined ? Buffer.concat(chunks).toString() : undefined, undefined);
      },
      onResponseError(_controller, error) {
        done(status, undefined, reasonOf(error));
      },
    },
  );
  return () => {
    aborted = true;
    controller?.abort(new Error('given up'));
  };
};

const reasonOf = (error: Error): string => {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `${code}${error.message === '' ? '' : `: ${error.message}`}`;
};
