import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes questions on to an agent and counts them. */
export interface CountingAgent {
  readonly url: string;
  /** Paths asked for since the start, in their order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Starts one in front of an agent. */
export const countingAgent = async (agent: string): Promise<CountingAgent> => {
  const asked: string[] = [];
  const server = createServer((question, answer) => {
    const { method, url = '', headers } = question;
    asked.push(new URL(url, agent).pathname);
    const onward = request(new URL(url, agent), { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    question.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
