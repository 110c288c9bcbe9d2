import type { LimitedBy } from '../config/rateLimitSettings.js';
import { addressKey } from './addressKey.js';
import type { ClientAddress } from './clientAddress.js';
import type { Authenticated, Exchange } from './exchange.js';

/**
 * Whose a message is, for what is counted by identity: never by session, which a client opens anew as it likes.
 *
 * > Names are those that somebody else vouches for, with whoever vouches: the same word of two issuers, or in two tenants, is not
 * > the same user. Who has said nothing of himself is known by his address.
 *
 * @param by not `tool`, which is no caller's
 */
export const callerKey = (
  by: Exclude<LimitedBy, 'tool'>,
  exchange: Exchange & Authenticated,
  addressOf: ClientAddress,
): string => {
  const { principal, origin } = exchange;
  const { id, method, user, clientId, tenant, claims } = principal;
  if (by === 'all') return 'all';
  const address = (): string => `ip ${addressKey(addressOf(origin) ?? 'local')}`;
  if (by === 'ip' || principal.anonymous === true) return address();
  if (by === 'tenant' && tenant !== undefined) return `tenant ${tenant}`;
  if (by === 'client' && clientId !== undefined)
    return `client ${JSON.stringify([tenant, method, claims['iss'], clientId])}`;
  // Several keys can be one user's; who comes by token or certificate has an id that says who that is.
  if (user !== undefined && method === 'api_key') return `user ${JSON.stringify([tenant, user])}`;
  return `principal ${id}`;
};
