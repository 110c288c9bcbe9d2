/** The keys by which a registration or a manifest says that a policy decides who may call. */
export const policyKeys = ['opa-rego', 'mcp-policy'] as const;

export type PolicyKey = (typeof policyKeys)[number];

/**
 * Which key names a policy in any of these (the Meta of instances, a manifest, its tools); undefined for none. One is enough: an
 * instance that is registered anew without its policy takes it from no other.
 */
export const namedPolicy = (holders: readonly Readonly<Record<string, unknown>>[]): PolicyKey | undefined =>
  policyKeys.find((key) => holders.some((holder) => (holder[key] ?? '') !== ''));
