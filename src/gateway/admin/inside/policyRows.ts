import type { Settings } from '../../../config/settings.js';
import type { Judging } from '../../judgingOf.js';
import type { PolicyRow } from '../questions.js';

/** What decides over calls: access policies of the file, and those of Open Policy Agent. @param tenant whose they are; undefined for all */
export const policyRows = (
  { access, servers }: Settings,
  judging: Pick<Judging, 'health' | 'counts'>,
  tenant: string | undefined,
): readonly PolicyRow[] => {
  const rules = (access?.rules ?? []).flatMap((rule, index): PolicyRow[] =>
    tenant !== undefined && rule.tenant !== undefined && rule.tenant !== tenant
      ? []
      : [{ name: `policies[${index}]`, kind: 'access', source: 'file', status: 'healthy' }],
  );
  // What others are allowed is theirs.
  if (tenant !== undefined) return rules;
  const counts = new Map<string, Record<string, number>>();
  for (const { policy, decision, count } of judging.counts()) {
    const [name = ''] = policy.split(':', 1);
    const known = counts.get(name) ?? {};
    counts.set(name, { ...known, [decision]: (known[decision] ?? 0) + count });
  }
  const discovered = new Set(
    servers.flatMap((server) => (server.discovered === undefined ? [] : [server.name])),
  );
  const asked = (judging.health() ?? []).map(({ name, kind, status, revision, reason }): PolicyRow => {
    const { allow = 0, deny = 0, hidden = 0, failed = 0 } = counts.get(name) ?? {};
    const denied = deny + hidden + failed;
    return {
      name,
      kind: discovered.has(name) ? 'service' : 'opa',
      source: kind,
      revision,
      status,
      reason,
      ...(name === 'shadow' ? { shadow: { would_deny: denied } } : { decisions: { allowed: allow, denied } }),
    };
  });
  return [...rules, ...asked];
};
