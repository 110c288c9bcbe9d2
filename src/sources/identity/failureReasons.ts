import type { GatewayErrorCode } from '../../protocol/errors.js';

/** Why somebody was not let in, in the words of `mcp_gateway_auth_failures_total`. */
export const failureReasons = {
  ERR_UNAUTHENTICATED: 'missing',
  ERR_CREDENTIAL_INVALID: 'invalid',
  ERR_CREDENTIAL_MALFORMED: 'malformed',
  ERR_SCOPE_INSUFFICIENT: 'scope',
  ERR_IDENTITY_UNAVAILABLE: 'unavailable',
  ERR_CREDENTIALS_THROTTLED: 'throttled',
} as const satisfies Partial<Record<GatewayErrorCode, string>>;
