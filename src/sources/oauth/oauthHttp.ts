import {
  finalize,
  firstValueFrom,
  reduce,
  throwError,
  timeout,
  map,
  takeUntil,
  fromEvent,
  catchError,
} from 'rxjs';
import { merge, defer, of, switchMap, type Observable } from 'rxjs';
import { Agent } from 'undici';
import { GatewayError } from '../../protocol/errors.js';
import { parseJson } from '../../protocol/parseJson.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { alwaysOpen } from '../../streams/valve.js';
import { connectTo } from '../backends/connectTo.js';
import { fromDispatch, type Chunk, type Head } from '../fromDispatch.js';
import type { AddressPolicy } from './addressPolicy.js';
import { unauthorized } from './unauthorized.js';

/** Longest time for one answer, in milliseconds. */
const answerMs = 10_000;
/** Largest answer: metadata of an authorization server is some KiB. */
const maxBytes = 256 * 1024;
/** Deeper than any metadata. */
const maxDepth = 32;

/** What the library asks, in messages. */
const tokenEndpoint = 'The token endpoint';

export interface OAuthAnswer {
  readonly status: number;
  readonly headers: Head['headers'];
  readonly body: Buffer;
}

export interface OAuthRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Talks to authorization servers: only where the policy allows, no redirect followed, every answer bounded in size and time. */
export interface OAuthHttp {
  /** One answer, whatever its status. Errors: `ERR_UPSTREAM_UNAUTHORIZED`. */
  send(url: string, request: OAuthRequest, what: string): Observable<OAuthAnswer>;
  /** A document; undefined where there is none (redirect, 4xx, no JSON object). Errors: as `send`, and for a status of 5xx or 429. */
  document(url: string, what: string): Observable<Readonly<Record<string, unknown>> | undefined>;
  /** `send` in the shape of `fetch`, for the library that makes the requests for tokens. */
  fetch(url: string, init: FetchInit): Promise<Response>;
  /** A URL where a browser may be sent. Throws `ERR_UPSTREAM_UNAUTHORIZED` for any other. */
  checked(url: string, what: string): URL;
  close(): void;
}

/** What the library passes to `fetch`. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export const oauthHttp = (policy: AddressPolicy): OAuthHttp => {
  const agent = new Agent({
    connect: connectTo(answerMs / 2, { guard: policy }),
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
  });

  const send: OAuthHttp['send'] = (url, { method, headers, body }, what) =>
    defer(() => {
      const { origin, pathname, search } = policy.check(url, what);
      return fromDispatch(
        agent,
        { origin, path: pathname + search, method, headers, ...(body !== undefined && { body }) },
        alwaysOpen,
      );
    }).pipe(
      reduce(collect(what), nothing),
      map(({ head, pieces }) => {
        if (head === undefined) throw unauthorized(`${what} did not answer`);
        return { status: head.status, headers: head.headers, body: Buffer.concat(pieces) };
      }),
      timeout({
        first: answerMs,
        with: () => throwError(() => unauthorized(`${what} did not answer in time`)),
      }),
      catchError((error: unknown) => throwError(() => asUnauthorized(error, what))),
    );

  return {
    send,
    document: (url, what) =>
      send(url, { method: 'GET', headers: { accept: 'application/json' } }, what).pipe(
        map(({ status, body }) => {
          if (status >= 500 || status === 429)
            throw unauthorized(`${what} answered with HTTP status ${status}`);
          const value = status === 200 ? parseJson(body.toString('utf8'), maxDepth) : undefined;
          return isObject(value) ? value : undefined;
        }),
      ),
    fetch: (url, { method, headers, body, signal }) => {
      const request: OAuthRequest = {
        method: method === 'GET' ? 'GET' : 'POST',
        headers,
        ...(body instanceof URLSearchParams && { body: body.toString() }),
      };
      const answer$ = send(url, request, tokenEndpoint).pipe(map(asResponse));
      return firstValueFrom(signal === undefined ? answer$ : answer$.pipe(takeUntil(aborted(signal))));
    },
    checked: (url, what) => new URL(policy.check(url, what)),
    close: () => void agent.destroy(),
  };
};

interface Collected {
  readonly head: Head | undefined;
  readonly pieces: Buffer[];
  readonly size: number;
}

/** Never written to: the head, which comes first, gives a fresh one. */
const nothing: Collected = { head: undefined, pieces: [], size: 0 };

const collect =
  (what: string) =>
  ({ head, pieces, size }: Collected, part: Head | Chunk): Collected => {
    if (part.kind === 'head') return { head: part, pieces: [], size: 0 };
    if (size + part.data.length > maxBytes)
      throw unauthorized(`${what} answered with more than ${maxBytes / 1024} KiB`);
    pieces.push(part.data);
    return { head, pieces, size: size + part.data.length };
  };

/** Why there was no answer, without the words of the system, which may name addresses. */
const asUnauthorized = (error: unknown, what: string): GatewayError => {
  if (error instanceof GatewayError && error.code === 'ERR_UPSTREAM_UNAUTHORIZED') return error;
  const cause = error instanceof GatewayError ? error.cause : error;
  if ((cause as { code?: unknown } | undefined)?.code === 'ERR_ADDRESS')
    return unauthorized(`${what} leads into a network where it may not: see \`allowed_hosts\``);
  return unauthorized(`${what} can not be reached`);
};

/**
 * An answer as the library reads it. An ID token is left out: nothing here asks who the person is, and the library would refuse the
 * whole answer for an ID token that it can not check.
 */
const asResponse = ({ status, headers, body }: OAuthAnswer): Response => {
  const list = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [name, item]),
  );
  // The library reads JSON whatever it is called, and takes a page that a proxy put in the way for a token.
  if (status < 300 && !isJson(headers['content-type']))
    throw unauthorized(`${tokenEndpoint} answered with another Content-Type than application/json`);
  const empty = status === 204 || status === 205 || status === 304;
  const value = parseJson(body.toString('utf8'), maxDepth);
  const { id_token: idToken, ...rest } = isObject(value) ? value : {};
  if (rest['access_token'] === '') throw unauthorized(`${tokenEndpoint} gave an empty token`);
  const kept = idToken === undefined ? new Uint8Array(body) : JSON.stringify(rest);
  return new Response(empty ? null : kept, { status, headers: list });
};

const isJson = (type: Head['headers'][string]): boolean =>
  typeof type === 'string' && /^application\/(?:[^;\s]+\+)?json\s*(?:;|$)/i.test(type);

const aborted = (signal: AbortSignal): Observable<unknown> =>
  merge(signal.aborted ? of(undefined) : fromEvent(signal, 'abort')).pipe(
    switchMap(() => throwError(() => unauthorized('Stopped'))),
    finalize(() => undefined),
  );
