import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, type CryptoKey, type JWTHeaderParameters } from 'jose';
import { catchError, from, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { IssuerSettings } from '../../config/authSettings.js';
import { GatewayError } from '../../protocol/errors.js';
import type { Claims } from '../../protocol/identity/claims.js';
import { notAccepted } from './notAccepted.js';
import type { IssuerKeys } from './issuerKeys.js';

/** Kinds of JWTs that are access tokens (RFC 9068, 2.1); others, though well signed, are for other uses. */
const kinds: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

/**
 * Checks a JWT whose issuer has been found: its kind, algorithm, signature, audience, and times.
 *
 * > The algorithm is compared with those allowed for this issuer before a key is looked for; what the token says of itself never
 * > chooses between a shared secret and a public key.
 *
 * @param audiences of which it has to name one; undefined where its issuer will say what it is for
 * @returns its claims. Errors: `ERR_CREDENTIAL_INVALID`, `ERR_IDENTITY_UNAVAILABLE`
 */
export const checkJwt = (
  token: string,
  header: JWTHeaderParameters,
  issuer: IssuerSettings,
  keys: IssuerKeys,
  audiences: readonly string[] | undefined,
): Observable<Claims> => {
  const { alg, typ } = header;
  if (!issuer.algorithms.includes(alg))
    return refused('The token is signed with an algorithm that is not accepted');
  if (!kinds.includes(typ?.toLowerCase())) return refused('The token is no access token');
  const key$: Observable<CryptoKey | KeyObject | Uint8Array> =
    issuer.key === undefined ? keys.find(header) : of(ownKey(issuer));
  return key$.pipe(
    switchMap((key) =>
      from(
        jwtVerify(token, key, {
          algorithms: [...issuer.algorithms],
          issuer: issuer.issuer,
          ...(audiences !== undefined && { audience: [...audiences] }),
          clockTolerance: issuer.skewMs / 1000,
          requiredClaims: ['exp'],
        }),
      ),
    ),
    map(({ payload }) => payload as Claims),
    catchError((error: unknown) => throwError(() => explained(error))),
  );
};

const refused = (why: string): Observable<never> => throwError(() => notAccepted(why));

/** A shared secret or a public key, as the issuer's algorithms say. */
const ownKey = ({ key, algorithms }: IssuerSettings): KeyObject | Uint8Array => {
  const bytes = Buffer.from(key?.reveal() ?? []);
  return algorithms.every((algorithm) => algorithm.startsWith('HS')) ? bytes : createPublicKey(bytes);
};

const claimFaults: Readonly<Record<string, string>> = {
  aud: 'The token is not meant for this resource',
  iss: 'The token is of another issuer',
  nbf: 'The token is not valid yet',
  exp: 'The token has no end',
};

/** What is wrong, in words that show nothing of the token. A signature that does not fit says nothing of the claims. */
const explained = (error: unknown): GatewayError => {
  if (error instanceof GatewayError) return error;
  if (error instanceof errors.JWTExpired) return notAccepted('The token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return notAccepted(claimFaults[error.claim] ?? 'The token is not valid');
  return notAccepted('The token is not valid');
};
