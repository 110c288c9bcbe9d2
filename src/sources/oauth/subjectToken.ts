import type { Caller } from '../../streams/caller.js';

/**
 * The token a caller came with and was let in by, for exchange at an authorization server (RFC 8693): the one place that reads it. It
 * goes there and nowhere else, and into no message.
 *
 * @returns undefined for a caller who came with something else, an API key or a certificate
 */
export const subjectToken = ({ principal, origin }: Caller): string | undefined => {
  if (principal.method !== 'jwt' && principal.method !== 'introspection') return undefined;
  const { authorization } = origin.headers;
  return typeof authorization === 'string'
    ? /^(?:bearer|dpop) +(\S+) *$/i.exec(authorization)?.[1]
    : undefined;
};
