import type { Authenticated, Exchange, Resolved } from './exchange.js';

/** Among whom a call to a server is shared: the calls of one principal, of one tenant, or of everybody. */
export type Sharing = 'principal' | 'tenant' | 'all';

/**
 * What calls have in common that can be made as one. Where the server is called with a credential of its caller, or has one process or
 * session for each, that is the credential, whatever is wanted.
 */
export const sharedAmong = (exchange: Exchange & Authenticated & Resolved, by: Sharing): unknown => {
  const { id, tenant } = exchange.principal;
  if (isOfCaller(exchange)) return [id, exchange.origin.headers['authorization']];
  if (by === 'all') return 'all';
  return by === 'tenant' && tenant !== undefined ? ['tenant', tenant] : ['principal', id];
};

const isOfCaller = ({ target }: Resolved): boolean => {
  const { settings } = target.server;
  const grant = settings.type === 'stdio' ? undefined : settings.oauth?.grant;
  return grant === 'per_user' || grant === 'token_exchange' || grant === 'id_jag';
};
