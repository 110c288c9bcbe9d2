/** The keys by which a registration or a manifest says that a policy decides who may call. */
export const policyKeys = ['opa-rego', 'mcp-policy'] as const;

export type PolicyKey = (typeof policyKeys)[number];

/** A policy that somebody names. */
export interface NamedPolicy {
  readonly key: PolicyKey;
  /** As it was written. */
  readonly value: unknown;
  /** Only for this tool. */
  readonly tool?: string;
}

/** The policies that the Meta of an instance, a manifest, or one of its tools names. */
export const namedPolicies = (
  holder: Readonly<Record<string, unknown>>,
  tool?: string,
): readonly NamedPolicy[] =>
  policyKeys.flatMap((key) =>
    (holder[key] ?? '') === '' ? [] : [{ key, value: holder[key], ...(tool !== undefined && { tool }) }],
  );
