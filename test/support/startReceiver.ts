import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** One batch that came. */
export interface ReceivedBatch {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody who takes batches of records by HTTP, and notes them. */
export interface Receiver {
  readonly url: string;
  readonly batches: readonly ReceivedBatch[];
  /** The records of all batches that were taken, each batch once. */
  records(): readonly Record<string, unknown>[];
  /** Answers differently from now on; 200 to all again without. */
  answer(how?: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

/** Starts one. @param port where; 0, the default, is anywhere */
export const startReceiver = async (port = 0): Promise<Receiver> => {
  const batches: ReceivedBatch[] = [];
  const taken = new Map<string, string>();
  const take = (response: ServerResponse): void => void response.writeHead(200).end();
  let answer = take;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      batches.push({ path: request.url ?? '', headers: request.headers, body });
      if (answer === take) taken.set(String(request.headers['idempotency-key']), body);
      answer(response);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches,
    records: () =>
      [...taken.values()].flatMap((body) =>
        body
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    answer: (how = take) => (answer = how),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
