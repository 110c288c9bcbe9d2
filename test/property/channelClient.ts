import { once, type EventEmitter } from 'node:events';
import { Agent, get, request, type ClientRequest } from 'node:http';
import { createParser } from 'eventsource-parser';
import { WebSocket } from 'ws';
import { within } from '../support/within.js';
import { initializeOf, requestOf, TestClient } from './testClient.js';
import { keyOf, type RequestId, type SentRequest, type Wire } from './wire.js';

/** How the text of a message gets to the gateway. */
interface Carrier {
  say(text: string): Promise<void>;
  hangUp(): void;
  readonly closed: Promise<unknown>;
}

/** A client with one channel for everything: WebSocket, or HTTP+SSE. */
export class ChannelClient extends TestClient {
  readonly modern: boolean;
  readonly #kind: 'socket' | 'sse';
  readonly #version: string | undefined;
  readonly #port: number;
  #wire: Wire | undefined;
  #carrier: Carrier | undefined;
  /** On HTTP+SSE messages are POSTs: what has to come in order is sent in order. */
  #turn: Promise<void> = Promise.resolve();

  /** @param version opens a session of that revision; undefined for one whose messages describe themselves */
  constructor(port: number, kind: 'socket' | 'sse', version: string | undefined) {
    super(`${kind} ${version ?? 'of its own'}`);
    this.#port = port;
    this.#kind = kind;
    this.#version = version;
    this.modern = version === undefined;
  }

  async open(): Promise<void> {
    const wire = this.newWire('channel');
    this.#wire = wire;
    const carry = this.#kind === 'socket' ? openSocket : openStream;
    this.#carrier = await within(5000, 'the channel', carry(this.#port, wire));
    if (this.#version === undefined) return;
    this.send(initializeOf(this.#version), [{ key: 'string initialize', excused: false }]);
    // What is sent before the answer belongs to no session.
    await within(
      5000,
      'the session',
      until(() => wire.answers('string initialize') === 1),
    );
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, []);
    await this.#turn;
  }

  send(value: unknown, requests: readonly SentRequest[], unreadable = 0): Wire {
    const { wire, carrier } = this.#opened();
    if (wire.left) return wire;
    wire.sent.push(...requests);
    wire.unreadable += unreadable;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    this.#turn = this.#turn.then(() => carrier.say(text));
    this.track(this.#turn);
    return wire;
  }

  cancel(id: RequestId): void {
    const over = this.excuse(id);
    this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }, []);
    const fence = this.freshId('fence');
    for (const { script } of over)
      this.#opened().wire.fences.push({ key: keyOf(fence), nonce: script.nonce });
    this.send(requestOf(fence, 'nothing/here', {}, true), [{ key: keyOf(fence), excused: false }]);
  }

  leave(wire: Wire): void {
    if (wire.left) return;
    wire.left = true;
    for (const sent of wire.sent) sent.excused = true;
    this.#opened().carrier.hangUp();
  }

  canResume(): boolean {
    return false;
  }

  resume(): void {
    throw new Error('a channel can not be resumed');
  }

  async close(): Promise<void> {
    const { wire, carrier } = this.#opened();
    if (wire.ended && !wire.left) wire.faults.push('the gateway closed the channel');
    wire.left = true;
    carrier.hangUp();
    await within(5000, 'the end of the channel', carrier.closed);
  }

  #opened(): { readonly wire: Wire; readonly carrier: Carrier } {
    if (this.#wire === undefined || this.#carrier === undefined) throw new Error('not open');
    return { wire: this.#wire, carrier: this.#carrier };
  }
}

/** Not `once` of node:events: that rejects for an error, which is one of the ways to close. */
const closing = (emitter: Pick<EventEmitter, 'once'>): Promise<void> =>
  new Promise((resolve) => void emitter.once('close', () => resolve()));

/** Polled: what it waits for are sums over many messages, which nobody announces. */
const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
};

const openSocket = async (port: number, wire: Wire): Promise<Carrier> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, ['mcp']);
  socket.on('message', (data: Buffer) => wire.take(JSON.parse(data.toString())));
  const closed = closing(socket).then(() => (wire.ended = true));
  await once(socket, 'open');
  return {
    closed,
    say: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
      return Promise.resolve();
    },
    hangUp: () => socket.terminate(),
  };
};

const openStream = async (port: number, wire: Wire): Promise<Carrier> => {
  const agent = new Agent({ keepAlive: true });
  const origin = { host: '127.0.0.1', port };
  let path = '';
  const stream = get({ ...origin, path: '/sse', headers: { accept: 'text/event-stream' } });
  const closed = closing(stream).then(() => {
    wire.ended = true;
    agent.destroy();
  });
  stream.on('error', () => undefined);
  stream.on('response', (response) => {
    response.setEncoding('utf8');
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === 'endpoint') path = data;
        else wire.take(JSON.parse(data));
      },
    });
    response.on('data', (text: string) => parser.feed(text));
    response.on('error', () => undefined);
  });
  await until(() => path !== '');
  return {
    closed,
    say: async (text) => {
      if (stream.destroyed) return;
      const headers = { 'content-type': 'application/json' };
      const post: ClientRequest = request({ ...origin, agent, path, method: 'POST', headers });
      post.on('error', () => undefined);
      post.on('response', (response) => response.resume());
      post.end(text);
      await within(5000, `the taking of ${text}`, closing(post));
    },
    hangUp: () => stream.destroy(),
  };
};
