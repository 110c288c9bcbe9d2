import { createRequire } from 'node:module';

/** Headers that frame a message or belong to one connection: undici writes them. */
const forbidden = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** True for a header value that can be sent: no control characters (above all CR and LF), one byte a character. */
export const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** True for a header name that may be set by a mapping or by the settings. */
export const isHeaderName = (name: string): boolean => token.test(name) && !forbidden.has(name.toLowerCase());

/**
 * The headers every request of a server carries, lower case, the server's own (its credential) among them.
 *
 * @param own the settings' headers; they win over `accept` and `user-agent`, not over `accept-encoding`: answers are read as they
 *   come, nothing here decompresses
 * @throws TypeError, without any value in its message, for a header that can't be sent
 */
export const baseHeaders = (own: Readonly<Record<string, string>>): Record<string, string> => {
  const headers: Record<string, string> = { 'user-agent': userAgent };
  for (const [name, value] of Object.entries(own)) {
    if (!isHeaderName(name)) throw new TypeError(`The header "${name}" can't be set for a server`);
    if (!isHeaderValue(value))
      throw new TypeError(`The value of header "${name}" has characters that can't be sent`);
    headers[name.toLowerCase()] = value;
  }
  headers['accept-encoding'] = 'identity';
  return headers;
};

// The same relative path from src and from dist.
const { version } = createRequire(import.meta.url)('../../../../package.json') as {
  readonly version: string;
};
const userAgent = `sluice/${version}`;
