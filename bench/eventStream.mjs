/** A stream of server-sent events, read as it comes. */
import { request } from 'node:http';
import { createParser } from 'eventsource-parser';

/**
 * Opens a stream.
 *
 * @param {{ port: number, path?: string, headers?: object, body?: string }} where on 127.0.0.1, `/mcp` by default; posted where it has a body
 * @param {(event: { event?: string, data: string }) => void} onEvent
 * @returns {Promise<{ ended: Promise<void>, close(): void }>} when the answer's head has come
 */
export const openEventStream = ({ port, path = '/mcp', headers, body }, onEvent) =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        // A connection of its own: it may be open for as long as the gateway is.
        agent: false,
        headers: {
          accept: 'application/json, text/event-stream',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        if (response.statusCode !== 200 || !response.headers['content-type']?.startsWith('text/event-stream'))
          return reject(new Error(`status ${response.statusCode} where a stream was expected`));
        const parser = createParser({ onEvent });
        response.setEncoding('utf8').on('data', (chunk) => parser.feed(chunk));
        const ended = new Promise((done) => response.once('close', done));
        resolve({ ended, close: () => asked.destroy() });
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
