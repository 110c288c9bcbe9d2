import { StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { connectV1 } from '../../e2e/matrix/connectV1.js';
import { connectV2 } from '../../e2e/matrix/connectV2.js';
import type { MatrixClient } from '../../e2e/matrix/matrixClient.js';
import type { LoggingIn } from './loggingIn.js';

/** A client of one generation, not connected yet. */
interface Unconnected {
  /** Rejects with an `UnauthorizedError` where the user has to log in. */
  connect(): Promise<MatrixClient>;
  /** Trades what the browser brought back for a token. */
  finishAuth(returned: URLSearchParams): Promise<void>;
}

type Generation = (url: URL, login: LoggingIn) => Unconnected;

const generations: Readonly<Record<string, Generation>> = {
  'the SDK 1.x': (url, authProvider) => {
    const transport = new TransportV1(url, { authProvider });
    return {
      connect: () => connectV1(transport),
      finishAuth: (returned) => transport.finishAuth(returned.get('code') ?? ''),
    };
  },
  'the SDK 2.x in the era of 2025': (url, authProvider) => {
    const transport = new TransportV2(url, { authProvider });
    return {
      connect: () => connectV2(transport, 'legacy'),
      finishAuth: (returned) => transport.finishAuth(returned),
    };
  },
  'the SDK 2.x in the era of 2026': (url, authProvider) => {
    const transport = new TransportV2(url, { authProvider });
    return {
      connect: () => connectV2(transport, 'modern'),
      finishAuth: (returned) => transport.finishAuth(returned),
    };
  },
};

const isUnauthorized = (error: unknown): boolean =>
  error instanceof Error && error.constructor.name === 'UnauthorizedError';

/** An application that uses one of the official clients and sends its user to log in when that client says so. */
export class Application {
  static readonly kinds: readonly string[] = Object.keys(generations);
  readonly #kind: string;
  readonly #url: URL;
  readonly #login: LoggingIn;
  #connected: { readonly transport: Unconnected; readonly client: MatrixClient } | undefined;

  constructor(kind: string, url: string, login: LoggingIn) {
    [this.#kind, this.#url, this.#login] = [kind, new URL(url), login];
  }

  async tools(): Promise<readonly string[]> {
    return this.#use((client) => client.tools());
  }

  /** Calls a tool; the text of its answer. */
  async call(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.#use(async (client) => (await client.call(name, args)).text);
  }

  async close(): Promise<void> {
    await this.#connected?.client.close();
  }

  async #use<T>(work: (client: MatrixClient) => Promise<T>): Promise<T> {
    const { transport, client } = (this.#connected ??= await this.#connect());
    try {
      return await work(client);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      await transport.finishAuth(await this.#login.finish());
      return work(client);
    }
  }

  async #connect() {
    const first = this.#make();
    try {
      return { transport: first, client: await first.connect() };
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      await first.finishAuth(await this.#login.finish());
    }
    const transport = this.#make();
    return { transport, client: await transport.connect() };
  }

  #make(): Unconnected {
    const make = generations[this.#kind];
    if (make === undefined) throw new TypeError(`no such kind of client: ${this.#kind}`);
    return make(this.#url, this.#login);
  }
}
