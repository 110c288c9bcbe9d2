import { isObservable, map, of, switchMap } from 'rxjs';
import type { Headers } from '../../protocol/classify.js';
import { isApiKey } from '../../protocol/identity/apiKey.js';
import { isObject } from '../../protocol/jsonrpc.js';
import type { Principal } from '../../streams/exchange.js';
import type { Authenticator, Request } from './authenticator.js';
import { notAccepted } from './notAccepted.js';
import type { Proofs } from './proofs.js';
import type { TokenChecker } from './tokenChecker.js';

/**
 * Callers who show an access token (RFC 6750), with a proof of possession where it asks for one (RFC 9449: `cnf.jkt`), or on a
 * connection with the certificate that it names (RFC 8705: `cnf.x5t#S256`).
 */
export const byToken = (tokens: TokenChecker, proofs: Proofs): Authenticator => {
  /** The headers of requests whose proofs are good: of those that are looked at again, because what they opened lasts. */
  const proved = new WeakSet<Headers>();
  return (request) => {
    const { credential, route, caller } = request;
    if (credential === undefined || credential.scheme === 'key' || isApiKey(credential.value))
      return undefined;
    const found = tokens.check(credential.value, route.resource);
    if (!isObservable(found) && (!needsProof(found, request) || proved.has(caller.headers))) return found;
    return (isObservable(found) ? found : of(found)).pipe(
      switchMap((principal) =>
        needsProof(principal, request) && !proved.has(caller.headers)
          ? proofs.check(proofIn(request), proven(principal, request)).pipe(
              map(() => {
                proved.add(caller.headers);
                return principal;
              }),
            )
          : of(principal),
      ),
    );
  };
};

/** Whether a proof has to be looked at. @throws GatewayError for a token that is bound to something the request does not show */
const needsProof = ({ claims }: Principal, { credential, caller }: Request): boolean => {
  const { cnf } = claims;
  const bound = isObject(cnf) ? cnf : {};
  const certificate = bound['x5t#S256'];
  if (
    certificate !== undefined &&
    (caller.certificate?.accepted !== true || caller.certificate.thumbprint !== certificate)
  )
    throw notAccepted('The token is bound to a client certificate that this connection does not have');
  const proves = credential?.scheme === 'dpop';
  if (bound['jkt'] === undefined && proves)
    throw notAccepted('The token is bound to no key: send it as a Bearer token');
  if (bound['jkt'] !== undefined && !proves)
    throw notAccepted('The token is bound to a key: send it with the scheme DPoP and a proof');
  return proves;
};

const proofIn = ({ caller }: Request): string => {
  const { dpop } = caller.headers;
  // Node joins repeated headers of this name: then it is no proof.
  if (typeof dpop !== 'string' || dpop === '')
    throw notAccepted('The header DPoP with the proof is missing', 'invalid_dpop_proof');
  return dpop;
};

const proven = ({ claims }: Principal, { credential, caller, route }: Request) => {
  const cnf = claims['cnf'];
  return {
    token: credential?.value ?? '',
    jkt: isObject(cnf) && typeof cnf['jkt'] === 'string' ? cnf['jkt'] : '',
    method: caller.request?.method ?? 'POST',
    url: route.origin + (caller.request?.path ?? ''),
  };
};
