import { createHash } from 'node:crypto';
import type { NetworkSettings } from '../config/networkSettings.js';
import type { OAuthSettings } from '../config/oauthSettings.js';
import { cachedCredentials } from '../sources/oauth/cachedCredentials.js';
import type { CredentialSource } from '../sources/oauth/callCredentials.js';
import { tokenIssuer } from '../sources/oauth/tokenIssuer.js';
import { unauthorized } from '../sources/oauth/unauthorized.js';
import type { GrantStore } from '../streams/grants.js';
import type { Log } from '../streams/log.js';

export interface CredentialsOfOptions {
  /** Name of the server. */
  readonly server: string;
  /** Its address where that is its identifier as a resource, as for MCP servers. */
  readonly url: string | undefined;
  readonly settings: OAuthSettings;
  readonly rules: () => NetworkSettings;
  /** Where tokens are kept that can be had again. */
  readonly tokens: GrantStore;
  readonly log: Log;
}

/**
 * The credentials for a server by tokens that nobody has to agree to: the gateway's own (client credentials), each caller's (token
 * exchange, ID-JAG). Each is kept by server, authorization server, what it is for, scopes and caller.
 */
export const credentialsOf = (options: CredentialsOfOptions): CredentialSource => {
  const { server, settings, tokens: store, log } = options;
  const issuer = tokenIssuer(options);
  const { issuer: from, idp, resource = options.url, audience, scopes, clientId } = settings;
  const kept = (who: string) =>
    hashed([server, from, idp?.issuer, clientId, resource, audience, scopes?.join(' '), who]);
  const own = cachedCredentials({
    server,
    key: kept('gateway'),
    store,
    obtain: () => issuer.forGateway(),
    // Where callers have tokens of their own, it may do without one to say what it offers.
    onDemand: settings.grant !== 'client_credentials',
    log,
  });
  const ofCaller: CredentialSource['ofCaller'] = (who, caller) =>
    cachedCredentials({
      server,
      key: kept(`caller ${who}`),
      store,
      obtain() {
        const now = caller();
        if (now === undefined) throw unauthorized('The caller has left');
        return issuer.forCaller(now);
      },
      log,
    });
  return {
    own,
    ofCaller: settings.grant === 'client_credentials' ? undefined : ofCaller,
    close: issuer.close,
  };
};

/** One key for several words; no word can be taken for the beginning of the next. */
const hashed = (words: readonly (string | undefined)[]): string =>
  createHash('sha256')
    .update(JSON.stringify(words.map((word) => word ?? null)))
    .digest('base64url');
