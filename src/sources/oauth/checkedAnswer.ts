import type { Observable } from 'rxjs';
import { validateAuthResponse, type AuthorizationServer } from 'oauth4webapi';
import { libraryCall } from './libraryCall.js';
import type { OAuthHttp } from './oauthHttp.js';

/**
 * What a browser brought back from an authorization server, once it is sure that it is from that one (RFC 9207) and answers the question
 * that was asked; before the code goes anywhere.
 *
 * @param what how messages call it
 * @returns the parameters as the library wants them. Errors: `TokenRefused` where the person or the server said no,
 *   `ERR_UPSTREAM_UNAUTHORIZED`
 */
export const checkedAnswer = (
  http: OAuthHttp,
  as: AuthorizationServer,
  clientId: string,
  parameters: URLSearchParams,
  state: string,
  what = 'The authorization',
): Observable<URLSearchParams> =>
  libraryCall(http, what, () =>
    Promise.resolve().then(() => validateAuthResponse(as, { client_id: clientId }, parameters, state)),
  );
