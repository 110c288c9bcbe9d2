import type { ConsulSettings } from '../../config/consulSettings.js';
import type { PolicySettings } from '../../config/opaSettings.js';
import type { Manifest } from './readManifest.js';
import { namedPolicies, type NamedPolicy } from './namedPolicies.js';
import type { Registration } from './registration.js';

/** What decides over the calls of a service, or why nothing can. */
export interface FoundPolicies {
  /** Undefined for none. */
  readonly policies?: readonly PolicySettings[];
  /** What is not done that the service asks for. */
  readonly notice?: string;
  /** Nobody may call it, because what it asks for can't be done. */
  readonly isLeftOut?: true;
}

/** `package/rule`, as `opa.path` is written. */
const decision = /^[^/?#\s]+(\/[^/?#\s]+)*$/;
/** Longest key or path, in characters: what Meta can hold. */
const maxLength = 512;

/**
 * The policies that a service names: `opa-rego`, a part of the gateway's own, and `mcp-policy`, a key of KV that holds Rego.
 *
 * > One is enough: what any instance, the manifest or a tool of it names has to allow. What can't be read leaves the service out.
 */
export const policiesOf = (
  {
    instances,
    manifestRead,
  }: { readonly instances: readonly Registration[]; readonly manifestRead: boolean },
  manifest: Manifest,
  consul: Pick<ConsulSettings, 'policies' | 'hasPolicy'>,
): FoundPolicies => {
  const named: readonly (NamedPolicy & { readonly where: string })[] = [
    ...instances.flatMap(({ meta }) => namedPolicies(meta)).map((one) => ({ ...one, where: '' })),
    ...manifest.policies.map((one) => ({ ...one, where: ' in its manifest' })),
  ];
  const [first] = named;
  if (consul.policies === 'ignore') {
    const key = first === undefined ? manifest.mentions : first.key;
    const where = first?.where ?? ' in its manifest';
    if (key === undefined) return {};
    return {
      notice: `\`${key}\`${where} is ignored (\`consul.policies: ignore\`): anyone may call its tools`,
    };
  }
  if (!manifestRead)
    return leftOut('its manifest can not be read, and may name a policy. Let the ACL token read its key, or');
  if (manifest.mentions !== undefined)
    return leftOut(
      `its manifest can not be understood, and mentions \`${manifest.mentions}\`. Mend the manifest, or`,
    );
  const policies = new Map<string, PolicySettings>();
  for (const one of named) {
    const fault = faultOf(one, consul);
    if (fault !== undefined) return leftOut(`\`${one.key}\`${one.where} ${fault}, or`);
    const policy = toPolicy(one);
    policies.set(JSON.stringify(policy), policy);
  }
  return policies.size === 0 ? {} : { policies: [...policies.values()] };
};

const toPolicy = ({ key, value, tool }: NamedPolicy): PolicySettings => ({
  ...(key === 'opa-rego'
    ? { path: String(value) }
    : { source: { kind: 'rego', at: [{ kind: 'key', key: String(value) }] } }),
  ...(tool !== undefined && { tool }),
});

/** Why a policy can't be asked, and what to do. */
const faultOf = (
  { key, value }: NamedPolicy,
  { hasPolicy }: Pick<ConsulSettings, 'hasPolicy'>,
): string | undefined => {
  if (typeof value !== 'string' || value.length > maxLength)
    return `is no text of up to ${maxLength} characters. Mend it`;
  if (key === 'mcp-policy') return undefined;
  if (!decision.test(value)) return 'is no decision such as `orders/allow`. Mend it';
  return hasPolicy === true
    ? undefined
    : 'names a part of the policy of the gateway, which has none. Add `opa` to its configuration, remove the key';
};

const leftOut = (why: string): FoundPolicies => ({
  notice: `The service is left out: ${why} let anyone call its tools with \`consul.policies: ignore\``,
  isLeftOut: true,
});
