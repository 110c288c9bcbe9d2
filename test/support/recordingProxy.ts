import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message on its way to a server. */
export interface RecordedMessage {
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A way to an HTTP server that keeps what is sent to it. */
export interface RecordingProxy {
  /** That of the server, by way of the proxy. */
  readonly url: string;
  /** The JSON bodies that went through, in order. */
  readonly seen: readonly RecordedMessage[];
  close(): Promise<void>;
}

/** Starts it in front of a server. @param target its URL */
export const recordingProxy = async (target: string): Promise<RecordingProxy> => {
  const { hostname, port, pathname } = new URL(target);
  const seen: RecordedMessage[] = [];
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    const { method, url, headers } = request;
    const onward = send(
      { hostname, port, method, path: url, headers: { ...headers, host: `${hostname}:${port}` } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      if (body.length > 0) seen.push(JSON.parse(Buffer.concat(body).toString()) as RecordedMessage);
    });
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    seen,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
