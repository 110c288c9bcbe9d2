import { refusal, type GatewayError } from '../protocol/errors.js';
import { grantsScopes, type ScopeRules } from '../protocol/identity/grantsScopes.js';
import type { Authenticated, Exchange, Resolved } from '../streams/exchange.js';
import type { Caller } from '../streams/identify.js';
import { stage } from '../streams/stage.js';

/** What callers are judged by, read when a call passes; undefined where nobody is asked who they are. */
export interface Admission {
  readonly requiredScopes: readonly string[];
  readonly impliedScopes: ScopeRules;
  /** Adds to a refusal how it could be avoided. */
  readonly challenged: (error: GatewayError, caller: Caller, scopes: readonly string[]) => GatewayError;
}

/**
 * Lets a call through only with the scopes that its server and its tool need.
 *
 * > The refusal names all scopes that are needed, at once: a client asks its user once.
 *
 * ```
 * calls        --a-----b--|
 * enterServer  --A-----#        b's token lacks a scope: ERR_SCOPE_INSUFFICIENT (403)
 * ```
 *
 * @see {@link resolveTool} which must come before
 */
export const enterServer = (admission: () => Admission | undefined) =>
  stage<Authenticated & Resolved, unknown>((exchange) => {
    const rules = admission();
    const scopes = rules === undefined ? [] : neededScopes(exchange);
    if (rules === undefined || scopes.length === 0) return exchange;
    const { principal, origin } = exchange;
    if (principal.method === 'none' && principal.anonymous !== true) return exchange;
    if (grantsScopes(principal.scopes, scopes, rules.impliedScopes)) return exchange;
    const all = [...new Set([...rules.requiredScopes, ...scopes])];
    throw rules.challenged(
      refusal('ERR_SCOPE_INSUFFICIENT', 'More scopes are needed', { data: { scopes: all } }),
      origin,
      all,
    );
  });

const neededScopes = ({ target }: Exchange & Resolved): readonly string[] => {
  const { access, toolRules } = target.server.settings;
  const tool = target.tool?.name;
  const rule =
    tool !== undefined && toolRules !== undefined && Object.hasOwn(toolRules, tool)
      ? toolRules[tool]
      : undefined;
  return [...(access?.scopes ?? []), ...(rule?.scopes ?? [])];
};
