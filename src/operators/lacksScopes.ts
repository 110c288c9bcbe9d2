import { grantsScopes, type ScopeRules } from '../protocol/identity/grantsScopes.js';
import type { Principal } from '../streams/exchange.js';

/** Whether a caller has fewer scopes than are needed. Who started the gateway with pipes needs none. */
export const lacksScopes = (
  principal: Principal,
  needed: readonly string[],
  implies: ScopeRules = {},
): boolean =>
  (principal.method !== 'none' || principal.anonymous === true) &&
  !grantsScopes(principal.scopes, needed, implies);
