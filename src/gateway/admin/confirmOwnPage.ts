import type { IncomingMessage } from 'node:http';
import { ApiError } from './apiError.js';

export interface ConfirmOwnPageOptions {
  /** Where browsers see the console, if a proxy stands in front. */
  readonly publicOrigin: string | undefined;
  /** Whether the request changes something in the name of who has signed in with a browser: then it has to say where it comes from. */
  readonly changes: boolean;
}

/**
 * Refuses what another page sends, one on another port of the same host too: cookies know no ports.
 *
 * @throws ApiError `ERR_ORIGIN_FORBIDDEN` (403)
 */
export const confirmOwnPage = (
  { headers }: IncomingMessage,
  { publicOrigin, changes }: ConfirmOwnPageOptions,
): void => {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const foreign =
    (origin !== undefined && !isOwn(origin, host, publicOrigin)) ||
    (typeof site === 'string' && site !== 'same-origin' && (changes || site !== 'none'));
  if (foreign)
    throw new ApiError('ERR_ORIGIN_FORBIDDEN', 'Only the console itself may ask this; see admin.public_url');
  if (changes && origin === undefined && site === undefined)
    throw new ApiError(
      'ERR_ORIGIN_FORBIDDEN',
      'The request does not say which page it comes from; programs use `authorization: Bearer KEY`',
    );
};

const isOwn = (origin: string, host: string | undefined, publicOrigin: string | undefined): boolean => {
  if (origin === publicOrigin) return true;
  // Behind a proxy that speaks TLS we see http where the browser sees https.
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
};
