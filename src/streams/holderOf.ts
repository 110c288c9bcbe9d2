import type { Caller } from './caller.js';

/**
 * Whose the credentials of a call are, as plain values to make a key of: a person in one tenant as the gateway knows it, and as its
 * issuer does: users may be called by something that several share, a mail address. Whoever acts for the person (RFC 8693, 4.1) has
 * credentials of his own.
 */
export const holderOf = ({ id, claims }: Caller['principal']): readonly unknown[] => [
  id,
  claims['iss'] ?? null,
  claims['sub'] ?? null,
  claims['act'] ?? null,
];
