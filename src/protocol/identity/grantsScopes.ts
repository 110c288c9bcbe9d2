/** Which scopes imply which others: `{ admin: ['read', 'write'] }`. */
export type ScopeRules = Readonly<Record<string, readonly string[]>>;

/**
 * Whether what was granted covers all that is needed; a broad scope implies the narrow ones beneath it.
 *
 * @param implies followed through as many steps as there are; circles do no harm
 */
export const grantsScopes = (
  granted: readonly string[],
  needed: readonly string[],
  implies: ScopeRules,
): boolean => {
  if (needed.every((scope) => granted.includes(scope))) return true;
  const all = new Set(granted);
  for (const scope of all)
    if (Object.hasOwn(implies, scope)) for (const narrow of implies[scope] ?? []) all.add(narrow);
  return needed.every((scope) => all.has(scope));
};
