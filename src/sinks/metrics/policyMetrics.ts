import { Counter, Gauge, type Registry } from 'prom-client';

/** What there is to be told of policies. */
export interface PolicySources {
  health(): readonly { readonly name: string; readonly status: string }[] | undefined;
  /** Decisions over calls so far: by policy, and what was decided. */
  counts(): Iterable<{ readonly policy: string; readonly decision: string; readonly count: number }>;
}

/** Policies, and what they have decided. Read when somebody asks. */
export const policyMetrics = (registry: Registry, { health, counts }: PolicySources): void => {
  const registers = [registry];
  new Counter({
    name: 'mcp_gateway_policy_decisions_total',
    help: 'Decisions over calls: allow, deny, hidden, failed (which denies too); those of the policy that is only tried out as well.',
    labelNames: ['policy', 'decision'],
    registers,
    collect() {
      this.reset();
      for (const { policy, decision, count } of counts()) this.inc({ policy, decision }, count);
    },
  });
  new Gauge({
    name: 'mcp_gateway_policy_up',
    help: '1 while a policy is as its source says; 0 while the last good one decides, or none.',
    labelNames: ['policy'],
    aggregator: 'min',
    registers,
    collect() {
      this.reset();
      for (const { name, status } of health() ?? []) this.set({ policy: name }, status === 'healthy' ? 1 : 0);
    },
  });
};
