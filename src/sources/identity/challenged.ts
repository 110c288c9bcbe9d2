import type { AuthSettings } from '../../config/authSettings.js';
import { refusal, type GatewayError } from '../../protocol/errors.js';
import { challenge } from '../../protocol/identity/challenge.js';
import { isObject } from '../../protocol/jsonrpc.js';
import type { Request } from './authenticator.js';
import { proofAlgorithms } from './proofs.js';

export interface Challenging {
  readonly route: Request['route'];
  readonly auth: AuthSettings;
  /** Whether the request came with a proof of possession. */
  readonly proving: boolean;
  /** All that are needed. */
  readonly scopes: readonly string[];
}

const words: Partial<Record<GatewayError['code'], string>> = {
  ERR_CREDENTIAL_INVALID: 'invalid_token',
  ERR_CREDENTIAL_MALFORMED: 'invalid_request',
  ERR_SCOPE_INSUFFICIENT: 'insufficient_scope',
};

/** A refusal with what the client could do about it, in `WWW-Authenticate`; other errors as they are. */
export const challenged = (
  error: GatewayError,
  { route, auth, proving, scopes }: Challenging,
): GatewayError => {
  const word = words[error.code];
  if (word === undefined && error.code !== 'ERR_UNAUTHENTICATED') return error;
  const { data } = error;
  const said = isObject(data) && typeof data['error'] === 'string' ? data['error'] : word;
  const header = challenge({
    ...(proving && { scheme: 'DPoP', algorithms: proofAlgorithms }),
    error: said,
    description: word === undefined ? undefined : error.message,
    scopes,
    resourceMetadata: auth.authorizationServers.length === 0 ? undefined : route.metadata,
  });
  return refusal(error.code, error.message, {
    data,
    cause: error.cause,
    headers: { ...error.headers, 'www-authenticate': header },
  });
};
