import type { Observable } from 'rxjs';
import { Pool, type Dispatcher } from 'undici';
import { limits } from '../../../config/limits.js';
import { refusal } from '../../../protocol/errors.js';
import type { Implementation } from '../../../protocol/mcp.js';
import type { Log } from '../../../streams/log.js';
import { alwaysOpen, type Valve } from '../../../streams/valve.js';
import { fromDispatch, type Chunk, type Head } from '../../fromDispatch.js';
import { addedHeaders } from '../addedHeaders.js';
import { connectTo, type Way } from '../connectTo.js';
import { remainingMs } from '../remainingMs.js';
import type { BackendCall } from '../../../streams/backend.js';
import { remaining } from '../../../protocol/remaining.js';
import type { Credentials } from '../../oauth/credentials.js';
import type { ServerListener } from './upstreamEra.js';
import { withCredentials } from '../withCredentials.js';

/** Most streams that stay open to one instance. They have connections of their own, so that no request waits for one to end. */
const maxStreams = 1280;

/** The way to one server: its connections, its fixed headers, and what both eras need to know. */
export interface HttpLink {
  readonly name: string;
  readonly clientInfo: Implementation;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly listener: ServerListener;
  /** A JSON-RPC id, and progress token, that this link has not used before. */
  nextId(): number;
  /**
   * POSTs a JSON body.
   *
   * @param headers a flat list of names and values that come after the fixed ones
   * @param call whose demand and time hold for it; its deadline goes with it
   * @param elsewhere another path of the same server, as {@link pathOf} gives it
   */
  post(
    headers: readonly string[],
    body: string,
    call: PostedCall,
    elsewhere?: string,
  ): Observable<Head | Chunk>;
  /** The path and query of a URL that the server names; undefined unless it is of the same origin: credentials go there. */
  pathOf(url: string): string | undefined;
  /** GETs a stream of events. */
  listen(headers: readonly string[], valve: Valve): Observable<Head | Chunk>;
  /** DELETEs a session. */
  remove(headers: readonly string[]): Observable<Head | Chunk>;
  /** Gives up all connections, and with them whatever is still in flight. */
  destroy(): Promise<void>;
}

/** What of a call concerns its connection. */
type PostedCall = Pick<BackendCall, 'valve' | 'connectMs' | 'deadlineAt' | 'headers' | 'context'>;

export interface HttpLinkOptions extends Way {
  readonly name: string;
  readonly url: string;
  /** Longest time for opening a connection, in milliseconds. */
  readonly connectMs?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What lets requests in, beside the headers; closed with the link. */
  readonly credentials?: Credentials | undefined;
  readonly clientInfo: Implementation;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly listener: ServerListener;
}

type Request = Dispatcher.DispatchOptions & { readonly headers: readonly string[] };

/** Opens the way to a server; no byte is sent before the first request. Throws `TypeError` for a URL that is not http(s). */
export const httpLink = ({
  url,
  at,
  guard,
  tls,
  headers,
  credentials,
  connectMs = limits.connectMs,
  ...rest
}: HttpLinkOptions): HttpLink => {
  const target = new URL(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new TypeError(`mcpBackend: the URL of "${rest.name}" must begin with http:// or https://`);
  const path = `${target.pathname}${target.search}`;
  const own = ownHeaders(target, headers);
  const json = [...own, 'accept', 'application/json, text/event-stream', 'content-type', 'application/json'];
  const events = [...own, 'accept', 'text/event-stream'];
  // The pipeline bounds the time of calls; undici's own limits would cut a long silent tool short.
  const open = (connections: number | null): Pool =>
    new Pool(target.origin, {
      connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectTo(connectMs, { at, guard, tls }),
    });
  // As many as there are calls, whose number the gateway bounds (`streams.per_server`, `streams.parked`). Were there fewer, calls
  // that wait for what their clients are asked would hold all of them, and no answer could get through to end one.
  const pool = open(null);
  const streams = open(maxStreams);
  let id = 0;
  const send = (
    to: Pool,
    request: Request,
    { valve, connectMs: ownMs }: PostedCall,
  ): Observable<Head | Chunk> => {
    if (credentials === undefined) return fromDispatch(to, request, valve, ownMs);
    return withCredentials(credentials, (more) =>
      fromDispatch(to, { ...request, headers: [...request.headers, ...more] }, valve, ownMs),
    );
  };
  return {
    ...rest,
    nextId: () => ++id,
    post(more, body, call, elsewhere = path) {
      const left = remainingMs(call);
      const headers = [...withAdded(json, addedHeaders(call)), ...more];
      if (left !== undefined) headers.push(remaining.header, String(left));
      return send(pool, { path: elsewhere, method: 'POST', headers, body }, call);
    },
    pathOf(named) {
      const url = URL.canParse(named, target.href) ? new URL(named, target) : undefined;
      return url?.origin === target.origin ? `${url.pathname}${url.search}` : undefined;
    },
    listen: (more, valve) => send(streams, { path, method: 'GET', headers: [...events, ...more] }, { valve }),
    remove: (more) =>
      send(pool, { path, method: 'DELETE', headers: [...own, ...more] }, { valve: alwaysOpen }),
    async destroy() {
      credentials?.close();
      const closed = refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed');
      await Promise.all([pool.destroy(closed), streams.destroy(closed)]);
    },
  };
};

/** What is added stands for a configured header of that name. */
const withAdded = (own: readonly string[], added: BackendCall['headers']): readonly string[] => {
  if (added === undefined) return own;
  const kept = own.filter(
    (_, index) => !Object.hasOwn(added, (own[index - (index % 2)] ?? '').toLowerCase()),
  );
  return [...kept, ...Object.entries(added).flat()];
};

/** Written by the gateway on every request; a configured one would make two. */
const reserved = new Set(
  'accept content-type content-length transfer-encoding connection mcp-session-id mcp-protocol-version mcp-method mcp-name last-event-id'
    .split(' ')
    .concat(remaining.header),
);

const ownHeaders = (target: URL, headers: Readonly<Record<string, string>>): readonly string[] => {
  const list = Object.entries(headers)
    .filter(([name]) => !reserved.has(name.toLowerCase()))
    .flat();
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (target.username === '' || named) return list;
  const credential = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
  return [...list, 'authorization', `Basic ${Buffer.from(credential).toString('base64')}`];
};
