import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../streams/exchange.js';
import { relayedRequests } from './relayedRequests.js';

/** Who sends, as far as the transport knows. */
export type Sender = Pick<Origin, 'headers' | 'address' | 'certificate' | 'request'>;

/** Who sent an HTTP request, whoever brought it. */
export const senderOf = (incoming: IncomingMessage): Sender => {
  const { headers, method = 'GET', url = '/' } = incoming;
  const query = url.indexOf('?');
  return {
    headers,
    ...relayedRequests.clientOf(incoming),
    request: { method, path: query < 0 ? url : url.slice(0, query) },
  };
};
