import type { Exchange } from '../streams/exchange.js';

/** How long a message was. What an HTTP client says is true: it was read by it. A message of several in one body, or on a shared connection, is measured. */
export const receivedBytes = ({ message, origin }: Exchange): number => {
  const said = origin.batch ? undefined : origin.headers['content-length'];
  return said === undefined || origin.transport !== 'http'
    ? Buffer.byteLength(JSON.stringify(message))
    : Number(said);
};
