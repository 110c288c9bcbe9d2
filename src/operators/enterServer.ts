import type { Authenticated, Exchange, Resolved } from '../streams/exchange.js';
import { stage } from '../streams/stage.js';
import { confirmScopes, type Admission } from './confirmScopes.js';

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
    if (scopes.length > 0) confirmScopes(exchange, scopes, rules);
    return exchange;
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
