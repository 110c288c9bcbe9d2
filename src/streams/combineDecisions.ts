import type { Decision, Obligations } from './decision.js';

/**
 * What several policies say together: all must allow. Then all that any of them asks for is done: everything masked, every header,
 * every scope, the lowest rate.
 *
 * @param decisions of policies that were asked, in the order of their rank; never empty
 */
export const combineDecisions = (decisions: readonly Decision[]): Decision => {
  const [first] = decisions as readonly [Decision, ...Decision[]];
  if (decisions.length === 1) return first;
  const denied = decisions.find(({ allow }) => !allow);
  if (denied !== undefined) return denied;
  const policy = decisions.map((decision) => decision.policy).join(' ');
  const headers: Record<string, string> = {};
  for (const { obligations } of decisions)
    for (const [name, value] of Object.entries(obligations.headers ?? {})) {
      if ((headers[name] ?? value) !== value)
        return {
          allow: false,
          obligations: {},
          policy,
          fault: `The policies want different values of the header \`${name}\``,
        };
      headers[name] = value;
    }
  const reason = decisions.flatMap((decision) => decision.reason ?? []).join('; ');
  return {
    allow: true,
    ...(reason !== '' && { reason }),
    obligations: { ...listsOf(decisions), ...(Object.keys(headers).length > 0 && { headers }) },
    policy,
  };
};

const listsOf = (decisions: readonly Decision[]): Obligations => {
  const all = decisions.map(({ obligations }) => obligations);
  const mask = [...new Set(all.flatMap((one) => one.mask ?? []))];
  const scopes = [...new Set(all.flatMap((one) => one.scopes ?? []))];
  const perMinute = Math.min(...all.map((one) => one.perMinute ?? Infinity));
  return {
    ...(mask.length > 0 && { mask }),
    ...(scopes.length > 0 && { scopes }),
    ...(perMinute !== Infinity && { perMinute }),
  };
};
