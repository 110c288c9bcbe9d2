import { connect, type Socket } from 'node:net';
import { parseAnswer, type RawAnswer } from './parseAnswer.js';
import { within } from './within.js';

/** A connection on which a test says exactly the bytes it wants, polite or not, and reads what comes back. */
export interface RawConnection {
  readonly socket: Socket;
  /** Sends bytes; a connection that the other side has closed swallows them. */
  write(bytes: string | Buffer): void;
  /** The next complete answer on this connection, taken off the input; rejects when the connection ends before that. */
  answer(ms?: number): Promise<RawAnswer>;
  /** Resolves when what has come and was not taken yet contains `text`; gives all of it. */
  seen(text: string, ms?: number): Promise<string>;
  /** Resolves when the connection has ended, from whichever side. */
  closed(ms?: number): Promise<void>;
  /** Bytes received so far. */
  readonly received: number;
  destroy(): void;
}

/** Opens a raw connection to a port of 127.0.0.1. */
export const openRaw = async (port: number): Promise<RawConnection> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  /** What came and was not taken yet; put together when somebody looks, and only then: it may be megabytes. */
  let pieces: Buffer[] = [];
  const input = (): Buffer => {
    if (pieces.length !== 1) pieces = [Buffer.concat(pieces)];
    return pieces[0] ?? Buffer.alloc(0);
  };
  let received = 0;
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of waiting) check();
  };
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    pieces.push(chunk);
    wake();
  });
  const end = (): void => {
    ended = true;
    wake();
  };
  socket.on('end', end);
  socket.on('close', end);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  // A reset is one of the ways a server may end a connection; the tests look at the end, not at its manner.
  socket.on('error', end);

  /** Resolves with the first value that `look` gives; `look` is asked whenever something has happened. */
  const until = <T>(ms: number, what: string, look: () => T | undefined): Promise<T> => {
    let check: () => void = () => undefined;
    const found = new Promise<T>((resolve, reject) => {
      check = () => {
        const value = look();
        if (value !== undefined) resolve(value);
        else if (ended)
          reject(new Error(`the connection ended before ${what}: ${input().toString('utf8', 0, 300)}`));
      };
      waiting.add(check);
      check();
    });
    return within(ms, what, found).finally(() => waiting.delete(check));
  };

  return {
    socket,
    get received() {
      return received;
    },
    write: (bytes) => void (socket.writable && socket.write(bytes)),
    answer: (ms = 5000) =>
      until(ms, 'an answer', () => {
        const parsed = parseAnswer(input(), ended);
        if (parsed === undefined) return undefined;
        pieces = [input().subarray(parsed.length)];
        return parsed.answer;
      }),
    seen: (text, ms = 5000) =>
      until(ms, `"${text}"`, () => {
        const all = input().toString();
        return all.includes(text) ? all : undefined;
      }),
    closed: (ms = 5000) =>
      until(ms, 'the end of the connection', () => (ended ? true : undefined)).then(() => undefined),
    destroy: () => socket.destroy(),
  };
};
