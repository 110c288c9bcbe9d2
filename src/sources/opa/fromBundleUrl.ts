import {
  catchError,
  defer,
  finalize,
  map,
  of,
  reduce,
  repeat,
  throwError,
  timeout,
  type Observable,
} from 'rxjs';
import { Client } from 'undici';
import { limits } from '../../config/limits.js';
import { GatewayError } from '../../protocol/errors.js';
import { alwaysOpen } from '../../streams/valve.js';
import { connectTo } from '../backends/connectTo.js';
import type { Reading } from '../consul/fromBlockingQuery.js';
import { fromDispatch, type Chunk, type Head } from '../fromDispatch.js';
import { addressGuard } from '../network/addressGuard.js';
import type { PolicyFeedOptions } from './policyFeedOptions.js';
import type { PolicyFiles } from './policyFiles.js';
import { PolicyFault } from './policyFault.js';

/** Longest time for one answer, in milliseconds. */
const answerMs = 30_000;

interface Known {
  readonly etag: string;
  readonly files: PolicyFiles;
}

/**
 * A bundle by HTTP, asked for now and then: what has not changed (`ETag`) is not sent again. No redirect is followed, and where the
 * name leads to is checked.
 *
 * @returns readings; never errors, never completes
 */
export const fromBundleUrl = (
  url: string,
  { opa: { token, pollMs }, rules }: Pick<PolicyFeedOptions, 'opa' | 'rules'>,
): Observable<Reading<PolicyFiles>> =>
  defer(() => {
    const { origin, pathname, search, hostname } = new URL(url);
    const vouched = [hostname.replace(/^\[|\]$/g, '')];
    const guard = addressGuard({ namedBy: undefined, vouched, rules });
    let known: Known | undefined;
    return defer(() => {
      // A connection of its own each time: it is used twice a minute.
      const client = new Client(origin, {
        connect: connectTo(limits.connectMs, { guard }),
        headersTimeout: answerMs,
        bodyTimeout: answerMs,
      });
      const headers = {
        accept: 'application/vnd.openpolicyagent.bundles, application/gzip;q=0.9, */*;q=0.1',
        ...(known !== undefined && known.etag !== '' && { 'if-none-match': known.etag }),
        ...(token !== undefined && { authorization: `Bearer ${Buffer.from(token.reveal()).toString()}` }),
      };
      return fromDispatch(
        client,
        { origin, path: pathname + search, method: 'GET', headers },
        alwaysOpen,
      ).pipe(finalize(() => void client.destroy()));
    }).pipe(
      reduce(collect, nothing),
      map(({ status, etag, pieces }): Reading<PolicyFiles> => {
        if (status === 304 && known !== undefined) return { value: known.files };
        if (status !== 200)
          throw new PolicyFault(`The server of the bundle answered with HTTP status ${status}`);
        known = { etag, files: new Map([['bundle.tar.gz', Buffer.concat(pieces)]]) };
        return { value: known.files };
      }),
      timeout({
        first: answerMs,
        with: () => throwError(() => new PolicyFault('The server of the bundle does not answer in time')),
      }),
      catchError((error: unknown) => of({ failure: whyNot(error) })),
      repeat({ delay: pollMs }),
    );
  });

interface Collected {
  readonly status: number;
  readonly etag: string;
  readonly pieces: Buffer[];
  readonly size: number;
}

/** Never written to: the head, which comes first, gives a fresh one. */
const nothing: Collected = { status: 0, etag: '', pieces: [], size: 0 };

const collect = ({ status, etag, pieces, size }: Collected, part: Head | Chunk): Collected => {
  if (part.kind === 'head')
    return { status: part.status, etag: String(part.headers['etag'] ?? ''), pieces: [], size: 0 };
  if (size + part.data.length > limits.opaBundleBytes)
    throw new PolicyFault(`The bundle is larger than ${limits.opaBundleBytes} bytes`);
  pieces.push(part.data);
  return { status, etag, pieces, size: size + part.data.length };
};

const whyNot = (error: unknown): string => {
  if (error instanceof PolicyFault) return error.message;
  const cause = error instanceof GatewayError ? error.cause : error;
  return (cause as { readonly code?: unknown } | undefined)?.code === 'ERR_ADDRESS'
    ? 'The bundle leads into a network where it may not: see `network`'
    : 'The server of the bundle can not be reached';
};
