/** Discovery of servers in Consul, as the program sees it; see settings.ts. */
import type { BalancingSettings } from './balancingSettings.js';
import type { TimeLimits } from './timeSettings.js';

/** What is done about tools whose definition is not signed, or not as it should be. */
export type SignatureMode = 'off' | 'warn' | 'enforce';

/** What is done about policies that services name: they decide, or anyone may call. */
export type PolicyMode = 'enforce' | 'ignore';

export interface ConsulTlsSettings {
  /** Absolute paths of PEM files. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name the agent's certificate must have, if not that of its address. */
  readonly serverName?: string;
}

export interface ConsulSettings {
  /** Address of the agent. */
  readonly url: string;
  /** ACL token. */
  readonly token?: string;
  /** The preferred one first; empty for the agent's own. */
  readonly datacenters: readonly string[];
  /** Namespace of Consul Enterprise. */
  readonly namespace?: string;
  /** Only instances that have all of these tags. */
  readonly tags: readonly string[];
  /** Only services of one of these `mcp-namespace`s; undefined for all. */
  readonly namespaces?: readonly string[];
  /** The name of this gateway: registrations meant for another (`capi-instance`) are left out. */
  readonly instance?: string;
  /** Most blocking queries open at once, in all datacenters together. */
  readonly maxWatches: number;
  /** How long the agent may hold one question, in milliseconds. */
  readonly waitMs: number;
  readonly signatures: SignatureMode;
  readonly policies: PolicyMode;
  /** The gateway has a policy of its own, of which services may name a part. */
  readonly hasPolicy?: true;
  readonly tls?: ConsulTlsSettings;
  /** Sent with every request to the instances of a service, by its name: the backend's own credential. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Limits of servers that say nothing themselves, in milliseconds. */
  readonly timeoutMs: number;
  readonly times?: TimeLimits;
  readonly listTimeoutMs: number;
  /** How several instances of a service are used together, weights apart. */
  readonly balancing: BalancingSettings | undefined;
}
