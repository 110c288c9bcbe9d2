import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { defer, of, type Observable } from 'rxjs';
import { connectPage, pageHeaders } from '../../protocol/connect/connectPage.js';
import { connectPages } from '../../protocol/connect/connectPages.js';
import { fromUnknown } from '../../protocol/errors.js';
import { certificateOf } from '../http/certificateOf.js';
import { guard, guardHost } from '../http/guard.js';
import { refuse } from '../http/refuse.js';
import type { RequestFeed } from '../http/requestFeed.js';
import { connectFlow, connectPaths } from './connectFlow.js';
import type { ConnectHost } from './connectHost.js';
import type { PageAnswer } from './pageAnswer.js';

/** A form with a key and a sealed text is some KiB. */
const maxFormBytes = 16 * 1024;

/**
 * Serves the pages where persons let the gateway use servers in their names, and passes on all other requests.
 *
 * No script, no frame, no cache; nothing that a page of somebody else could do in a person's browser, and nothing told to whoever has no
 * sealed link.
 */
export const fromConnectPages = (requests: RequestFeed, host: ConnectHost): RequestFeed => {
  const rest = new EventEmitter();
  requests.on('request', (request, response) => {
    if (!(request.url ?? '').startsWith(connectPaths.root) || !host.isOpen())
      return void rest.emit('request', request, response);
    try {
      serve(request, response, host);
    } catch (error) {
      refuse(request, response, fromUnknown(error));
    }
  });
  return rest;
};

const serve = (request: IncomingMessage, response: ServerResponse, host: ConnectHost): void => {
  const { method = '', headers, url = '/' } = request;
  const [path = '', query = ''] = url.split('?', 2);
  const isForm = path === connectPaths.key;
  // An answer of a login comes by a navigation, which says nothing of its origin; a form is sent by a page of ours.
  if (isForm) guard(request, host.guard());
  else guardHost(headers.host, host.guard().allowedHosts);
  if (method !== (isForm ? 'POST' : 'GET'))
    return void response.writeHead(405, { allow: isForm ? 'POST' : 'GET' }).end();
  if (isForm) return readForm(request, response, (form) => send(response, typed(form)));
  request.resume();
  send(response, answer(path, new URLSearchParams(query)));

  function typed(form: URLSearchParams): Observable<PageAnswer> {
    const forwarded = headers['x-forwarded-for'];
    return connectFlow(host, headers).showKey(form, {
      transport: 'http',
      namespace: undefined,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      address: request.socket.remoteAddress,
      certificate: certificateOf(request.socket),
    });
  }

  function answer(at: string, parameters: URLSearchParams): Observable<PageAnswer> {
    const flow = connectFlow(host, headers);
    if (at === connectPaths.signedIn) return flow.signedIn(parameters);
    if (at.startsWith(connectPaths.agreed))
      return flow.agreed(decoded(at.slice(connectPaths.agreed.length)), parameters);
    if (at.startsWith(connectPaths.go)) return flow.go(at.slice(connectPaths.go.length));
    return defer(() => of(flow.open(at.slice(connectPaths.root.length))));
  }
};

/** A name of a server in a path; one that can not be read is none. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

const readForm = (
  request: IncomingMessage,
  response: ServerResponse,
  done: (form: URLSearchParams) => void,
): void => {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers['content-type'] ?? ''))
    return void response.writeHead(415, { connection: 'close' }).end();
  const pieces: Buffer[] = [];
  let size = 0;
  request.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= maxFormBytes) pieces.push(piece);
    else if (!response.headersSent) response.writeHead(413, { connection: 'close' }).end();
  });
  request.on('end', () => {
    if (size <= maxFormBytes) done(new URLSearchParams(Buffer.concat(pieces).toString('utf8')));
  });
};

const send = (response: ServerResponse, answer$: Observable<PageAnswer>): void => {
  const subscription = answer$.subscribe({
    next: (answer) => write(response, answer),
    // What can be told was told already; this is a fault of ours, or of a store.
    error: () => write(response, connectPages.busy),
  });
  response.on('close', () => subscription.unsubscribe());
};

const write = (response: ServerResponse, answer: PageAnswer): void => {
  if (response.headersSent) return;
  const { cookies = [] } = answer;
  const headers = { ...pageHeaders, ...(cookies.length > 0 && { 'set-cookie': [...cookies] }) };
  if ('to' in answer) return void response.writeHead(302, { ...headers, location: answer.to.href }).end();
  const text = connectPage(answer.page);
  response.writeHead(answer.status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
};
