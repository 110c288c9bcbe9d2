import type { ApiKeySettings } from '../../config/authSettings.js';
import { findApiKey, isApiKey } from '../../protocol/identity/apiKey.js';
import type { Principal } from '../../streams/exchange.js';
import { knownPrincipal } from '../../streams/knownPrincipal.js';
import type { Authenticator } from './authenticator.js';
import { notAccepted } from './notAccepted.js';

/**
 * Callers who show an API key, as `X-API-Key` or `Authorization: Bearer`.
 *
 * > An unknown key, a wrong one, one that has expired, and one that is for other namespaces are refused in the same words, after the
 * > same work: nothing tells which keys there are.
 */
export const byApiKey = (settings: readonly ApiKeySettings[]): Authenticator => {
  const keys = new Map(settings.map((key) => [key.id, { ...key, principal: principalOf(key) }]));
  return ({ credential, caller }) => {
    if (credential === undefined || credential.scheme === 'dpop') return undefined;
    if (credential.scheme === 'bearer' && !isApiKey(credential.value)) return undefined;
    const key = findApiKey(credential.value, keys);
    if (key === undefined || hasEnded(key) || !isFor(key, caller.namespace))
      throw notAccepted('The API key is not valid here');
    return key.principal;
  };
};

const hasEnded = ({ expiresAt }: ApiKeySettings): boolean =>
  expiresAt !== undefined && expiresAt <= Date.now();

/** A key for some namespaces is none for the endpoint of all servers. */
const isFor = ({ namespaces }: ApiKeySettings, namespace: string | undefined): boolean =>
  namespaces === undefined || (namespace !== undefined && namespaces.includes(namespace));

const principalOf = (key: ApiKeySettings): Principal => {
  const { id, user, client = id, tenant, scopes, roles, expiresAt, namespaces, servers, tools } = key;
  const isLimited = namespaces !== undefined || servers !== undefined || tools !== undefined;
  return knownPrincipal({
    id: `key ${id}`,
    method: 'api_key',
    user,
    clientId: client,
    tenant,
    scopes,
    roles,
    expiresAt,
    reach: isLimited
      ? {
          ...(namespaces !== undefined && { namespaces }),
          ...(servers !== undefined && { servers }),
          ...(tools !== undefined && { tools }),
        }
      : undefined,
  });
};
