import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import { modernVersion } from '../support/modern.js';
import { within } from '../support/within.js';
import { initializeOf, TestClient, type Message } from './testClient.js';
import { keyOf, type RequestId, type SentRequest, type Wire } from './wire.js';

/** A client of Streamable HTTP: each message is a POST, whose response is a wire of its own. */
export class PostClient extends TestClient {
  readonly modern: boolean;
  readonly #version: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #underWay = new Map<Wire, ClientRequest>();
  /** Statuses that no story explains. */
  readonly #strange: string[] = [];
  #session: string | undefined;
  #standing: ClientRequest | undefined;

  constructor(port: number, version: string) {
    super(`POST ${version}`);
    this.#port = port;
    this.#version = version;
    this.modern = version === modernVersion;
  }

  async open(): Promise<void> {
    if (this.modern) return;
    const wire = this.send(initializeOf(this.#version), [{ key: 'string initialize', excused: false }]);
    await this.#over(wire);
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, []);
    await this.idle();
    // Nothing of any call may come here.
    const standing = this.newWire('standalone stream');
    this.#standing = this.#open('GET', standing, { accept: 'text/event-stream' });
    await once(this.#standing, 'response');
  }

  send(value: unknown, requests: readonly SentRequest[], unreadable = 0): Wire {
    // POSTs may overtake each other: what is sent while its id is being cancelled may be cancelled too.
    for (const sent of requests)
      if (this.cancelling.some(({ key, wire }) => key === sent.key && !wire.ended)) sent.excused = true;
    const wire = this.newWire(`POST ${JSON.stringify((value as { id?: unknown } | null)?.id)}`);
    wire.sent.push(...requests);
    wire.unreadable = unreadable;
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    const sending = this.#open('POST', wire, this.#headersFor(value));
    sending.end(body);
    return wire;
  }

  cancel(id: RequestId): void {
    const over = this.excuse(id);
    if (this.modern) for (const { wire } of over) this.leave(wire);
    else {
      const params = { requestId: id };
      const wire = this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, []);
      this.cancelling.push({ key: keyOf(id), wire });
    }
  }

  leave(wire: Wire): void {
    const { destroyed = true } = this.#underWay.get(wire) ?? {};
    if (destroyed) return;
    wire.left = true;
    for (const sent of wire.sent) sent.excused = true;
    this.#underWay.get(wire)?.destroy();
  }

  canResume(wire: Wire): boolean {
    const open = this.#underWay.get(wire);
    return wire.eventIds.length > 0 && open?.destroyed === false && !wire.ended;
  }

  resume(wire: Wire): void {
    const lastEventId = wire.eventIds.at(-1);
    const before = this.#underWay.get(wire);
    if (lastEventId === undefined || before === undefined) return;
    before.destroy();
    this.#open('GET', wire, { accept: 'text/event-stream', 'last-event-id': lastEventId });
  }

  /** Resolves when nothing that was sent waits for its response. */
  async idle(): Promise<void> {
    for (const wire of this.#underWay.keys()) if (!wire.left) await this.#over(wire);
  }

  async close(): Promise<void> {
    this.#standing?.destroy();
    if (this.#session !== undefined) {
      const wire = this.newWire('DELETE');
      this.#open('DELETE', wire, {});
      await this.#over(wire);
    }
    this.#agent.destroy();
    assert.deepEqual(this.#strange, [], this.name);
  }

  #headersFor(value: unknown): Record<string, string> {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    if (!this.modern) return headers;
    const { method, params } = (value ?? {}) as Message & { method?: unknown };
    const name = params?.['name'];
    return {
      ...headers,
      ...(typeof method === 'string' && { 'mcp-method': method }),
      ...(typeof name === 'string' && { 'mcp-name': name }),
    };
  }

  #open(method: string, wire: Wire, headers: Record<string, string>): ClientRequest {
    wire.ended = false;
    const all: Record<string, string> = { ...headers };
    if (this.#session !== undefined) all['mcp-session-id'] = this.#session;
    // The header came with 2025-06-18.
    if (this.#version > '2025-03-26' && this.#session !== undefined)
      all['mcp-protocol-version'] = this.#version;
    if (this.modern) all['mcp-protocol-version'] = this.#version;
    const sending = request({
      port: this.#port,
      host: '127.0.0.1',
      path: '/mcp',
      method,
      headers: all,
      agent: this.#agent,
    });
    this.#underWay.set(wire, sending);
    if (method !== 'POST') sending.end();
    sending.on('response', (response) => {
      this.#session ??= response.headers['mcp-session-id'] as string | undefined;
      const { statusCode = 0 } = response;
      // The session is there, the stream is kept, and what was sent on it is remembered.
      const fits =
        method === 'POST' ? this.modern || statusCode !== 404 : statusCode === 200 || statusCode === 204;
      if (!fits) this.#strange.push(`${method} of ${wire.label}: ${statusCode}`);
      this.#read(response, wire, () => this.#underWay.get(wire) === sending);
    });
    sending.on('error', (error) => {
      if (!sending.destroyed) wire.faults.push(String(error));
    });
    sending.on('close', () => {
      if (this.#underWay.get(wire) !== sending) return;
      wire.ended = true;
      this.#underWay.delete(wire);
      if (sending.listenerCount('over') > 0) sending.emit('over');
    });
    return sending;
  }

  #read(response: IncomingMessage, wire: Wire, isMine: () => boolean): void {
    response.setEncoding('utf8');
    // A response that its client has left; the wire knows.
    response.on('error', () => undefined);
    if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
      const parser = createParser({
        onEvent: ({ id, data }) => {
          if (!isMine()) return;
          if (data === '') {
            if (id !== undefined) wire.eventIds.push(id);
          } else wire.take(JSON.parse(data), id);
        },
      });
      response.on('data', (text: string) => parser.feed(text));
      return;
    }
    let body = '';
    response.on('data', (text: string) => (body += text));
    response.on('end', () => {
      if (response.headers['content-type']?.startsWith('application/json') === true)
        wire.take(JSON.parse(body));
    });
  }

  async #over(wire: Wire): Promise<void> {
    const sending = this.#underWay.get(wire);
    if (sending !== undefined) await within(10_000, `the end of ${wire.label}`, once(sending, 'over'));
  }
}
