import { refusal } from './errors.js';
import type { Headers } from './classify.js';
import { isObject, type Params } from './jsonrpc.js';
import { metaOf } from './mcp.js';

/** Where a call may carry its key. */
export interface KeyPlaces {
  /** A key of `params._meta`. */
  readonly meta: string;
  /** An HTTP header, in lower case. */
  readonly header: string;
  /** An argument, by the names on the way to it; undefined for none. */
  readonly argument: readonly string[] | undefined;
}

/**
 * The idempotency key of a call: of `_meta`, of the header, or of the arguments, in this order.
 *
 * @param headers of the HTTP request, where it belongs to this one call
 * @returns undefined where the call has none. Throws `ERR_INVALID_PARAMS` for one that is no text of 1 to 255 characters
 */
export const idempotencyKey = (
  params: Params | undefined,
  headers: Headers | undefined,
  { meta, header, argument }: KeyPlaces,
): string | undefined => {
  const key =
    metaOf(params)[meta] ??
    unquoted(headers?.[header]) ??
    argument?.reduce<unknown>(memberOf, params?.['arguments']);
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key.length > 0 && key.length <= 255) return key;
  throw refusal('ERR_INVALID_PARAMS', 'The idempotency key must be a text of 1 to 255 characters');
};

/** The header is a structured field (draft-ietf-httpapi-idempotency-key-header 2.1): a text in quotes. Many send it without. */
const unquoted = (value: unknown): unknown =>
  typeof value === 'string' ? (/^"([^"\\]*)"$/.exec(value.trim())?.[1] ?? value) : value;

const memberOf = (holder: unknown, name: string): unknown =>
  isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
