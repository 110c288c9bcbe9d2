import { request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as SecureServer } from 'node:https';
import { duplexPair, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Settings } from '../config/settings.js';
import type { Latest } from '../streams/latest.js';
import type { Gateway } from './gateway.js';

export interface HostingOptions {
  /** Serves what comes to it, whether it listens or not. */
  readonly server: Server;
  /** Makes it so. */
  readonly open: () => Promise<void>;
  readonly settings: Latest<Settings>;
}

/**
 * The gateway as a part of somebody else's server: what that brings goes to the gateway's own as if it had come there, so that every
 * rule about requests holds.
 */
export const hosting = ({
  server,
  open,
  settings,
}: HostingOptions): Pick<Gateway, 'listener' | 'fetch' | 'upgrade'> => ({
  listener(request, response, extra) {
    const url = fullUrl(request);
    if (typeof extra === 'function' && !isOurs(url, settings.current)) return void (extra as () => void)();
    const body = typeof extra === 'function' ? undefined : extra;
    open().then(
      () => {
        request.url = url;
        server.emit('request', request, response);
        bringParsed(request, body);
      },
      () => refuse(response),
    );
  },
  upgrade(request, socket, head) {
    const url = fullUrl(request);
    open().then(
      () => {
        request.url = url;
        server.emit('upgrade', request, socket, head);
      },
      () => socket.destroy(),
    );
  },
  async fetch(request) {
    await open();
    return overMemory(server, request);
  },
});

/** Express takes off the path that something is mounted at. */
const fullUrl = ({ url = '/', originalUrl }: IncomingMessage & { readonly originalUrl?: unknown }): string =>
  typeof originalUrl === 'string' ? originalUrl : url;

const isOurs = (url: string, { listen, transports: { legacySse } }: Settings): boolean => {
  const { pathname } = new URL(url, 'http://localhost');
  const paths = [listen.path, '/.well-known/oauth-protected-resource'];
  if (legacySse.enabled) paths.push(legacySse.path, legacySse.messagesPath);
  return paths.some((path) => pathname === path || pathname.startsWith(`${path}/`));
};

/** A body that has been read and parsed is brought once more, as it would have come: nothing else is left of it. */
const bringParsed = (request: IncomingMessage & { readonly body?: unknown }, given: unknown): void => {
  if (!request.readableEnded) return;
  const body = given ?? request.body;
  if (body !== undefined)
    request.emit('data', Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  request.emit('end');
};

/** It could not be opened, which `ready` has told the program. */
const refuse = (response: ServerResponse): void => {
  response.writeHead(503, { 'content-type': 'text/plain' }).end('The gateway is not there\n');
};

/** A connection that never leaves the process: HTTP itself says what a request and its cancelling mean. */
const overMemory = (server: Server, request: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    const [ours, theirs] = duplexPair();
    // A pair is no socket: one end does not see by itself that the other is gone.
    ours.once('close', () => theirs.destroy());
    server.emit(server instanceof SecureServer ? 'secureConnection' : 'connection', theirs);
    const { pathname, search, host } = new URL(request.url);
    const sending = send({
      method: request.method,
      path: `${pathname}${search}`,
      headers: { host, ...Object.fromEntries(request.headers), connection: 'close' },
      createConnection: () => ours,
    });
    const cancel = (): void => void sending.destroy(request.signal.reason as Error);
    request.signal.addEventListener('abort', cancel, { once: true });
    sending.once('close', () => request.signal.removeEventListener('abort', cancel));
    sending.once('error', reject);
    sending.once('response', (response) => resolve(asFetched(response)));
    if (request.signal.aborted) return cancel();
    if (request.body === null) sending.end();
    else pipeline(Readable.fromWeb(request.body as never), sending).catch(reject);
  });

/** Answers without a body, which Fetch insists on. */
const bodiless = new Set([204, 205, 304]);

const asFetched = (response: IncomingMessage): Response => {
  const { statusCode: status = 500, rawHeaders } = response;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Of the connection that there is none of.
    if (!/^(connection|keep-alive|transfer-encoding)$/i.test(name))
      headers.append(name, rawHeaders[at + 1] ?? '');
  }
  if (bodiless.has(status)) response.resume();
  return new Response(bodiless.has(status) ? null : (Readable.toWeb(response) as ReadableStream), {
    status,
    headers,
  });
};
