/**
 * One keep-alive HTTP/1.1 connection with at most one request under way, over a bare socket.
 *
 * A general HTTP client would cost more than the proxies it is to measure and would hide what it does (queueing, pooling,
 * retries). This one writes a request in one piece and reads one answer: `content-length` or chunked, JSON or SSE.
 */
import { connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

/** The value of a header in a lower-cased head, or undefined. */
const header = (head, name) => {
  const at = head.indexOf(`\r\n${name}:`);
  if (at < 0) return undefined;
  const start = at + name.length + 3;
  const stop = head.indexOf('\r\n', start);
  return head.slice(start, stop < 0 ? undefined : stop).trim();
};

/** Body of a chunked answer and where it ends, or undefined while it is incomplete. */
const dechunk = (buffer, start) => {
  const parts = [];
  let at = start;
  for (;;) {
    const lineEnd = buffer.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(buffer.latin1Slice(at, lineEnd), 16);
    if (!(size >= 0)) throw new Error(`not a chunk size: ${buffer.latin1Slice(at, lineEnd)}`);
    const next = lineEnd + 2 + size + 2;
    if (buffer.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), end: next };
    parts.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
};

/** The answer at the start of `buffer` and how long it is, or undefined while it is incomplete. */
const parseAnswer = (buffer) => {
  const headStop = buffer.indexOf(headEnd);
  if (headStop < 0) return undefined;
  const rawHead = buffer.latin1Slice(0, headStop);
  const head = rawHead.toLowerCase();
  const status = Number(rawHead.slice(9, 12));
  const start = headStop + 4;
  const sse = head.includes('text/event-stream');
  const length = header(head, 'content-length');
  if (length !== undefined) {
    const end = start + Number(length);
    return buffer.length < end ? undefined : { status, rawHead, sse, body: buffer.subarray(start, end), end };
  }
  if (header(head, 'transfer-encoding') === 'chunked') {
    const chunked = dechunk(buffer, start);
    return chunked && { status, rawHead, sse, ...chunked };
  }
  return { status, rawHead, sse, body: buffer.subarray(start, start), end: start };
};

/** The JSON-RPC message in an answer: the body itself, or the last event of an SSE stream. */
export const messageOf = (answer) => messagesOf(answer).at(-1);

/** All of them, in their order. */
export const messagesOf = ({ body, sse }) => {
  const text = body.toString();
  if (!sse) return [JSON.parse(text)];
  return text
    .split('\n')
    .filter((line) => line.startsWith('data:') && line.trim() !== 'data:')
    .map((line) => JSON.parse(line.slice(5)));
};

/** The value of a header of an answer, as it was sent. */
export const headerOf = (answer, name) => {
  const line = answer.rawHead.split('\r\n').find((row) => row.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
};

/**
 * Opens a connection.
 *
 * @param {number} port on 127.0.0.1
 * @param {(error: Error) => void} onError told when the connection breaks or speaks nonsense
 * @returns {Promise<{ send(bytes: Buffer | string, onAnswer: (answer: object) => void): void, close(): void }>}
 */
export const openConnection = (port, onError) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let pending;
    let received;
    let closing = false;
    socket.once('error', reject);
    socket.on('error', onError);
    socket.on('close', () => closing || onError(new Error('the target closed the connection')));
    socket.on('data', (chunk) => {
      received = received === undefined ? chunk : Buffer.concat([received, chunk]);
      const answer = parseAnswer(received);
      if (answer === undefined) return;
      if (received.length > answer.end) return onError(new Error('more bytes than one answer'));
      received = undefined;
      const deliver = pending;
      pending = undefined;
      deliver(answer);
    });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve({
        send(bytes, onAnswer) {
          pending = onAnswer;
          socket.write(bytes);
        },
        close() {
          closing = true;
          socket.destroy();
        },
      });
    });
  });
