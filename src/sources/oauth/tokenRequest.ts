import { switchMap, type Observable } from 'rxjs';
import {
  genericTokenEndpointRequest,
  processGenericTokenEndpointResponse,
  type AuthorizationServer,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import type { OAuthClientSettings } from '../../config/oauthSettings.js';
import { clientAuthentication } from './clientAuthentication.js';
import { libraryCall } from './libraryCall.js';
import type { OAuthHttp } from './oauthHttp.js';
import { unauthorized } from './unauthorized.js';

export interface TokenRequest {
  readonly as: AuthorizationServer;
  /** Who asks. */
  readonly settings: OAuthClientSettings;
  /** `grant_type`. */
  readonly grant: string;
  /** The other parameters; those that are undefined are not sent. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** What it asks for, in messages. */
  readonly what: string;
}

/**
 * One request to a token endpoint by a client that was configured, for grants that need nobody who agrees.
 *
 * @returns one. Errors: `TokenRefused`, `ERR_UPSTREAM_UNAUTHORIZED`
 */
export const tokenRequest = (
  http: OAuthHttp,
  { as, settings, grant, parameters, what }: TokenRequest,
): Observable<TokenEndpointResponse> => {
  const { clientId, clientSecret } = settings;
  if (clientId === undefined) throw unauthorized('A `client_id` has to be configured');
  const client = { clientId, ...(clientSecret !== undefined && { clientSecret }) };
  const who = { client_id: clientId };
  const sent = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return clientAuthentication(as, client, settings).pipe(
    switchMap((authentication) =>
      libraryCall(http, what, async (options) => {
        const response = await genericTokenEndpointRequest(
          as,
          who,
          authentication,
          grant,
          Object.fromEntries(sent),
          options,
        );
        return processGenericTokenEndpointResponse(as, who, response, {
          // RFC 8693, 2.2.1: what is issued is no access token.
          recognizedTokenTypes: { n_a: () => undefined },
        });
      }),
    ),
  );
};
