import { refusal, type GatewayError } from '../protocol/errors.js';
import type { ScopeRules } from '../protocol/identity/grantsScopes.js';
import type { Authenticated, Exchange } from '../streams/exchange.js';
import type { Caller } from '../streams/identify.js';
import { lacksScopes } from './lacksScopes.js';

/** What callers are judged by, read when a call passes; undefined where nobody is asked who they are. */
export interface Admission {
  readonly requiredScopes: readonly string[];
  readonly impliedScopes: ScopeRules;
  /** Adds to a refusal how it could be avoided. */
  readonly challenged: (error: GatewayError, caller: Caller, scopes: readonly string[]) => GatewayError;
}

/**
 * Refuses a caller that lacks scopes, and names all that are needed, at once: a client asks its user once.
 *
 * @throws ERR_SCOPE_INSUFFICIENT, with a challenge where there is authentication
 */
export const confirmScopes = (
  { principal, origin }: Exchange & Authenticated,
  scopes: readonly string[],
  rules: Admission | undefined,
): void => {
  if (!lacksScopes(principal, scopes, rules?.impliedScopes)) return;
  const all = [...new Set([...(rules?.requiredScopes ?? []), ...scopes])];
  const error = refusal('ERR_SCOPE_INSUFFICIENT', 'More scopes are needed', { data: { scopes: all } });
  throw rules?.challenged(error, origin, all) ?? error;
};
