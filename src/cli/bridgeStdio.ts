import { firstValueFrom } from 'rxjs';
import type { WebSocket } from 'ws';
import { limits } from '../config/limits.js';
import { isRequestId, type RequestId } from '../protocol/jsonrpc.js';
import { listenMethod } from '../protocol/methods.js';
import { readLines } from '../sources/backends/stdio/readLines.js';
import { CliError } from './cliError.js';
import type { AddressFlags } from './connection.js';
import { openWebSocket, type OpenedWebSocket } from './openWebSocket.js';
import type { Terminal } from './terminal.js';

/** Longest message that is carried: more than a gateway takes, which is the one to say so. */
const maxMessageBytes = 16 * limits.maxBodyBytes;
/** Unsent bytes above which stdin waits. */
const highWaterBytes = 1024 * 1024;
/** How long answers may take after stdin has ended, in milliseconds. */
const lastAnswersMs = limits.drainTimeoutMs;

/**
 * Carries messages between a local client on stdin and stdout and a gateway's WebSocket, as they are: a line is a frame.
 *
 * Returns when stdin has ended and what was asked has been answered, or on SIGTERM.
 *
 * @throws CliError when the gateway can not be reached, or ends the connection; open requests are answered with an error first
 */
export const bridgeStdio = async (flags: AddressFlags, terminal: Terminal): Promise<void> => {
  const interrupted = firstValueFrom(terminal.interrupts$);
  const opened = await Promise.race([openWebSocket(flags), interrupted]);
  if (typeof opened === 'string') return;
  const bridge = new Bridge(opened, terminal);
  try {
    await Promise.race([bridge.ended, interrupted]);
  } finally {
    bridge.stop();
  }
};

class Bridge {
  /** Resolves when the client has left and has its answers, rejects when the gateway has. */
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #maxBodyBytes: number;
  readonly #terminal: Terminal;
  readonly #unanswered = new Set<RequestId>();
  /** Of these, the ones that are answered when they end, and end when the client leaves. */
  readonly #listening = new Set<RequestId>();
  readonly #take: (chunk: Buffer) => void;
  #inputEnded = false;
  #end!: () => void;
  #fail!: (error: CliError) => void;

  constructor({ socket, maxBodyBytes }: OpenedWebSocket, terminal: Terminal) {
    this.#socket = socket;
    this.#maxBodyBytes = maxBodyBytes;
    this.#terminal = terminal;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#take = readLines(maxMessageBytes, {
      line: (text) => this.#fromClient(text),
      overlong: () =>
        void terminal.stderr.write(`a message of more than ${maxMessageBytes} bytes was dropped\n`),
    });
    terminal.stdin.on('data', this.#take).on('end', this.#lastLine).on('close', this.#lastLine);
    terminal.stdout.on('drain', this.#readOn);
    socket.on('message', (data) => this.#fromGateway((data as Buffer).toString('utf8')));
    socket.on('close', (code, reason) => this.#closed(code, reason.toString('utf8')));
  }

  stop(): void {
    const { stdin, stdout } = this.#terminal;
    stdin.off('data', this.#take).off('end', this.#lastLine).off('close', this.#lastLine).pause();
    stdout.off('drain', this.#readOn);
    this.#socket.close(1000);
    setTimeout(() => this.#socket.terminate(), 500).unref();
  }

  #fromClient(text: string): void {
    if (text.trim() === '') return;
    const { id, method, params } = fields(text);
    if (Buffer.byteLength(text) > this.#maxBodyBytes) return this.#refuse(id, method);
    if (isRequestId(id) && typeof method === 'string') {
      this.#unanswered.add(id);
      if (method === listenMethod) this.#listening.add(id);
    }
    // No answer is owed to what has been cancelled.
    if (method === 'notifications/cancelled') this.#settle(fields(params)['requestId'] as RequestId);
    const { stdin } = this.#terminal;
    this.#socket.send(
      text,
      () => stdin.isPaused() && this.#socket.bufferedAmount < highWaterBytes && stdin.resume(),
    );
    if (this.#socket.bufferedAmount > highWaterBytes) stdin.pause();
  }

  #settle(id: RequestId): void {
    this.#unanswered.delete(id);
    this.#listening.delete(id);
  }

  /** The gateway would end the connection over it, and with it all that is under way. */
  #refuse(id: unknown, method: unknown): void {
    const message = `A message of more than ${this.#maxBodyBytes} bytes, which the gateway does not take (http.max_body)`;
    this.#terminal.stderr.write(`${message}\n`);
    if (!isRequestId(id)) return;
    const answer = JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } });
    if (typeof method === 'string') this.#terminal.stdout.write(`${answer}\n`);
    else this.#socket.send(answer); // it was to be an answer itself: who asked must not wait for it
  }

  #fromGateway(text: string): void {
    const { id, method } = fields(text);
    if (isRequestId(id) && method === undefined) this.#settle(id);
    // Between tokens a JSON text may have line breaks, which mean nothing; a line must not.
    if (!this.#terminal.stdout.write(`${text.replace(/[\r\n]+/g, ' ')}\n`)) this.#socket.pause();
    if (this.#inputEnded && this.#unanswered.size === 0) this.#end();
  }

  readonly #readOn = (): void => this.#socket.resume();

  readonly #lastLine = (): void => {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    for (const id of this.#listening) this.#unanswered.delete(id);
    if (this.#unanswered.size === 0) this.#end();
    else setTimeout(() => this.#end(), lastAnswersMs).unref();
  };

  #closed(code: number, reason: string): void {
    for (const id of this.#unanswered) {
      const error = { code: -32603, message: 'The connection to the gateway has ended' };
      this.#terminal.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`);
    }
    this.#unanswered.clear();
    const because = reason === '' ? `code ${code}` : `${code}: ${reason}`;
    const remedy =
      code === 1009 ? ['A message was larger than the gateway takes: raise its `http.max_body`.'] : [];
    this.#fail(new CliError(`The gateway has ended the connection (${because})`, { remedy }));
  }
}

/** What can be told from a message; the gateway is the one to judge it. */
const fields = (text: unknown): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : text;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // no JSON: the gateway will say so
  }
};
