import { BehaviorSubject } from 'rxjs';
import { configurationCheck } from '../../src/cli/configurationCheck.js';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { latest } from '../../src/streams/latest.js';
import { silent, type Log } from '../../src/streams/log.js';

/** An answer of the admin listener. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON in it; undefined where there is none. */
  readonly json: unknown;
}

/** A browser, or a program, that uses the console. */
export type ConsoleClient = (method: string, path: string, body?: unknown) => Promise<ConsoleAnswer>;

/** A gateway with a console, on ports of its own. */
export interface RunningConsole {
  readonly gateway: Gateway;
  readonly port: number;
  readonly adminUrl: string;
  /** Sends one request as it is. */
  fetch(path: string, init?: RequestInit): Promise<ConsoleAnswer>;
  /** A program with a key. */
  program(key: string): ConsoleClient;
  /** A browser that has signed in by a key. */
  browser(key: string): Promise<ConsoleClient & { readonly cookie: string; readonly csrf: string }>;
  /** Takes another configuration. */
  configure(yaml: string): void;
  close(): Promise<void>;
}

/** The key of an admin who sees all; see {@link startConsole}. */
export const adminKey = 'the-admin-key-of-tests';

/**
 * Starts a gateway with the admin key {@link adminKey} and waits until it is ready.
 *
 * @param yaml the configuration but for `listen`
 * @param admin YAML for more entries of `admin`, beginning with a comma
 */
export const startConsole = async (
  yaml: string,
  { admin = '', log = silent }: { readonly admin?: string; readonly log?: Log } = {},
): Promise<RunningConsole> => {
  const parse = (text: string) =>
    loadSettings(`listen: { port: 0 }\nadmin: { port: 0, key: ${adminKey}${admin} }\n${text}\n`, {
      file: 'test.yaml',
      env: {},
      baseDir: process.cwd(),
    });
  const settings = new BehaviorSubject(parse(yaml));
  const gateway = createGateway(latest(settings, settings.value), {
    log,
    version: '0.0.0-test',
    checkConfiguration: configurationCheck('test.yaml', { cwd: process.cwd(), env: {} }),
  });
  const { url, adminUrl } = await gateway.listen();
  await gateway.ready();

  const send: RunningConsole['fetch'] = async (path, init) => {
    const answer = await fetch(`${adminUrl}${path}`, { redirect: 'manual', ...init });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type') === 'application/json';
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };
  const client =
    (headers: Readonly<Record<string, string>>): ConsoleClient =>
    (method, path, body) =>
      send(`/api/v1${path}`, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
  return {
    gateway,
    port: Number(new URL(url).port),
    adminUrl,
    fetch: send,
    program: (key) => client({ authorization: `Bearer ${key}` }),
    async browser(key) {
      const { headers, text } = await client({ origin: adminUrl })('POST', '/sign-in', { key });
      const cookie = headers.get('set-cookie')?.split(';', 1)[0];
      if (cookie === undefined) throw new Error(text);
      const me = (await client({ cookie })('GET', '/me')).json as { csrf: string };
      return Object.assign(client({ cookie, origin: adminUrl, 'x-csrf-token': me.csrf }), {
        cookie,
        csrf: me.csrf,
      });
    },
    configure: (next) => settings.next(parse(next)),
    close: () => gateway.close(),
  };
};
