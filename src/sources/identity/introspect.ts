import { map, of, switchMap, type Observable } from 'rxjs';
import type { IntrospectionSettings, IssuerSettings } from '../../config/authSettings.js';
import type { Claims } from '../../protocol/identity/claims.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { parseJson } from '../../protocol/parseJson.js';
import { notAccepted } from './notAccepted.js';
import type { IssuerKeys } from './issuerKeys.js';

const maxDepth = 32;

/**
 * Asks an issuer whether a token is valid (RFC 7662).
 *
 * @param audiences of which the answer has to name one, and so does the token: an issuer that does not say what a token is for
 *   can't be trusted to have made it for us
 * @returns what it says of the token; undefined for one that is not, or no longer, valid. Errors: `ERR_CREDENTIAL_INVALID`,
 *   `ERR_IDENTITY_UNAVAILABLE`
 */
export const introspect = (
  token: string,
  { issuer, skewMs }: IssuerSettings,
  settings: IntrospectionSettings,
  keys: IssuerKeys,
  audiences: readonly string[],
): Observable<Claims | undefined> => {
  const url$ = settings.url === undefined ? keys.introspectionUrl() : of(settings.url);
  const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
  return url$.pipe(
    switchMap((url) =>
      keys.http.send(
        url,
        {
          method: 'POST',
          headers: {
            accept: 'application/json',
            authorization: basic(settings),
            'content-type': 'application/x-www-form-urlencoded',
          },
          body,
        },
        'The introspection endpoint',
      ),
    ),
    map(({ status, body: answer }) => {
      const said = status === 200 ? parseJson(answer.toString('utf8'), maxDepth) : undefined;
      if (!isObject(said)) throw new Error(`its introspection endpoint answered with HTTP status ${status}`);
      return said;
    }),
    keys.watched(),
    map((said) => {
      if (said['active'] !== true) return undefined;
      if (said['iss'] !== undefined && said['iss'] !== issuer)
        throw notAccepted('The token is of another issuer');
      const named = [said['aud']].flat();
      if (!audiences.some((audience) => named.includes(audience)))
        throw notAccepted('The token is not meant for this resource');
      checkTimes(said, skewMs);
      return said;
    }),
  );
};

const checkTimes = ({ exp, nbf }: Claims, skewMs: number): void => {
  const now = Date.now();
  if (typeof exp === 'number' && exp * 1000 + skewMs <= now) throw notAccepted('The token has expired');
  if (typeof nbf === 'number' && nbf * 1000 - skewMs > now) throw notAccepted('The token is not valid yet');
};

/** RFC 6749, 2.3.1: form-encoded before they are joined. */
const basic = ({ clientId, clientSecret }: IntrospectionSettings): string => {
  const secret = Buffer.from(clientSecret.reveal()).toString('utf8');
  const pair = [clientId, secret]
    .map((part) => new URLSearchParams([['', part]]).toString().slice(1))
    .join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
};
