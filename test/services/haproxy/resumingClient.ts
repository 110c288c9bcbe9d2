import { EventSourceParserStream } from 'eventsource-parser/stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fetch, type Agent, type Response } from 'undici';

/** One message as a client gets it. */
interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** How one call went. */
export interface CallStory {
  readonly began: number;
  readonly ended: number;
  /** In the order in which it came. */
  readonly progress: readonly unknown[];
  readonly eventIds: readonly string[];
  /** How often the client had to come back for it. */
  readonly resumed: number;
  readonly result?: Readonly<Record<string, unknown>> | undefined;
  /** Why there is no result. */
  readonly failure?: string;
}

/** A stream of which events are read, and where to go on when it breaks. */
interface Reading {
  lastId: string | undefined;
  retryMs: number;
  readonly ids: string[];
}

/** How often it comes back for a stream, or repeats what was answered by 503, before it gives up. */
const patience = 20;

/**
 * A client of the 2025 era, lean enough for hundreds of them: a session with its standalone stream, for which it comes back with
 * `Last-Event-ID` when it ends, as for the stream of a call, after the time that the server names (or a second, as SDKs do).
 */
export class ResumingClient {
  /** What has come on the standalone stream. */
  readonly heard: { readonly ids: string[]; readonly methods: string[] } = { ids: [], methods: [] };
  /** What should not have happened. */
  readonly troubles: string[] = [];
  /** Answered with 503 and `Retry-After`, and repeated. */
  postponed = 0;
  /** How often it came back for its standalone stream. */
  returned = 0;
  readonly #url: string;
  readonly #agent: Agent;
  readonly #headers: Record<string, string> = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  };
  readonly #leaving = new AbortController();
  #lastId = 0;
  #listening: Promise<void> = Promise.resolve();
  #onChange: () => void = () => undefined;

  private constructor(url: string, agent: Agent) {
    this.#url = url;
    this.#agent = agent;
  }

  /** Opens a session and its standalone stream. @param agent its connections, shared with others */
  static async open(url: string, agent: Agent): Promise<ResumingClient> {
    const client = new ResumingClient(url, agent);
    const opened = await client.#post('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'resuming', version: '1' },
    });
    await opened.text();
    const id = opened.headers.get('mcp-session-id');
    if (opened.status !== 200 || id === null) throw new Error(`no session: ${opened.status}`);
    client.#headers['mcp-session-id'] = id;
    client.#headers['mcp-protocol-version'] = '2025-11-25';
    const noted = await client.#send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await noted.text();
    let listens: () => void = () => undefined;
    const listening = new Promise<void>((resolve) => (listens = resolve));
    client.#listening = client.#listen(listens);
    await listening;
    return client;
  }

  /** Told of each change of the list of tools. */
  set onChange(told: () => void) {
    this.#onChange = told;
  }

  /** Names of the tools. */
  async tools(): Promise<readonly string[]> {
    const { result, failure } = await this.request('tools/list', {});
    if (result === undefined) throw new Error(failure);
    return (result['tools'] as { name: string }[]).map(({ name }) => name);
  }

  /** Sends a request and gives what came of it, however often its stream had to be come back for. */
  async request(method: string, params: Readonly<Record<string, unknown>>): Promise<CallStory> {
    const began = performance.now();
    const progress: unknown[] = [];
    const reading: Reading = { lastId: undefined, retryMs: 1000, ids: [] };
    let resumed = 0;
    let answer: Message | undefined;
    const take = (message: Message): boolean => {
      if (message.method === 'notifications/progress') progress.push(message.params?.['progress']);
      if (message.result === undefined && message.error === undefined) return false;
      answer = message;
      return true;
    };
    const story = (failure?: string): CallStory => ({
      began,
      ended: performance.now(),
      progress,
      eventIds: reading.ids,
      resumed,
      result: answer?.result,
      ...(failure !== undefined && { failure }),
    });
    try {
      let response = await this.#post(method, params);
      for (;;) {
        if (response.status !== 200) return story(`${response.status} ${await response.text()}`);
        await this.#read(response, reading, take);
        if (answer !== undefined)
          return story(answer.error && `${answer.error.code} ${answer.error.message}`);
        if (reading.lastId === undefined) return story('the answer broke off, and nothing to come back for');
        if (++resumed > patience) return story('came back in vain');
        response = await this.#comeBack(reading);
      }
    } catch (error) {
      return story(`${String(error)} ${String((error as Error).cause ?? '')}`);
    }
  }

  async close(): Promise<void> {
    this.#leaving.abort();
    await this.#listening;
  }

  /** The standalone stream, until the client leaves. @param listens told when it is open */
  async #listen(listens: () => void): Promise<void> {
    const reading: Reading = { lastId: undefined, retryMs: 1000, ids: this.heard.ids };
    const take = (message: Message): boolean => {
      this.heard.methods.push(message.method ?? '');
      if (message.method === 'notifications/tools/list_changed') this.#onChange();
      return false;
    };
    try {
      let response = await this.#get(undefined);
      listens();
      for (;;) {
        if (response.status !== 200) {
          this.troubles.push(`standalone stream: ${response.status} ${await response.text()}`);
          return;
        }
        await this.#read(response, reading, take);
        this.returned++;
        response = await this.#comeBack(reading);
      }
    } catch (error) {
      listens();
      if (!this.#leaving.signal.aborted) this.troubles.push(`standalone stream: ${String(error)}`);
    }
  }

  /** Reads until the stream ends, breaks, or has brought what was waited for. */
  async #read(response: Response, reading: Reading, take: (message: Message) => boolean): Promise<void> {
    if (response.body === null) return;
    if (!response.headers.get('content-type')?.includes('text/event-stream')) {
      take((await response.json()) as Message);
      return;
    }
    const events = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream({ onRetry: (ms) => (reading.retryMs = ms) }));
    try {
      for await (const { id, data } of events) {
        if (id !== undefined) {
          reading.lastId = id;
          reading.ids.push(id);
        }
        if (data !== '' && take(JSON.parse(data) as Message)) return;
      }
    } catch (error) {
      // A connection that broke: the stream may be come back for.
      if (this.#leaving.signal.aborted) throw error;
    }
  }

  async #comeBack(reading: Reading): Promise<Response> {
    for (let tries = 0; ; tries++) {
      await delay(reading.retryMs, undefined, { signal: this.#leaving.signal });
      try {
        return await this.#get(reading.lastId);
      } catch (error) {
        // Nothing has been lost yet: the stream is still to be had.
        if (this.#leaving.signal.aborted || tries >= patience) throw error;
      }
    }
  }

  #get(lastEventId: string | undefined): Promise<Response> {
    const { 'content-type': _type, ...headers } = this.#headers;
    return this.#patient(() =>
      fetch(this.#url, {
        headers: {
          ...headers,
          accept: 'text/event-stream',
          ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
        },
        dispatcher: this.#agent,
        signal: this.#leaving.signal,
      }),
    );
  }

  #post(method: string, params: Readonly<Record<string, unknown>>): Promise<Response> {
    const id = ++this.#lastId;
    return this.#send({
      jsonrpc: '2.0',
      id,
      method,
      params: { ...params, _meta: { progressToken: `p${id}` } },
    });
  }

  #send(message: object): Promise<Response> {
    return this.#patient(() =>
      fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(message),
        dispatcher: this.#agent,
        signal: this.#leaving.signal,
      }),
    );
  }

  /** Waits as it is told to. */
  async #patient(send: () => Promise<Response>): Promise<Response> {
    for (let tries = 0; ; tries++) {
      const response = await send();
      const after = response.headers.get('retry-after');
      if (response.status !== 503 || after === null || tries >= patience) return response;
      this.postponed++;
      await response.text();
      await delay(Number(after) * 1000, undefined, { signal: this.#leaving.signal });
    }
  }
}
