/** Decisions by Open Policy Agent, as the program sees them; see settings.ts. */
import type { ConsulSettings } from './consulSettings.js';
import type { Secret } from './secret.js';

/** Where a policy is to be read: an absolute path, a URL, or a key of Consul KV. */
export type PolicyPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'key'; readonly key: string };

/** What decides: a bundle compiled to WebAssembly, Rego that is compiled here, or an OPA server. */
export type PolicySource =
  | { readonly kind: 'bundle'; readonly at: PolicyPlace }
  | { readonly kind: 'rego'; readonly at: readonly PolicyPlace[] }
  | { readonly kind: 'server'; readonly url: string };

/** A decision to ask for. */
export interface PolicySettings {
  /** Undefined for the source of the whole gateway. */
  readonly source?: PolicySource;
  /** `package/rule`, or a package whose document is the decision; undefined for the package of the one Rego file. */
  readonly path?: string;
  /** Only for this tool of the server, by its own name. */
  readonly tool?: string;
}

export interface OpaSettings {
  /** Asked for every call; undefined where only servers have policies. */
  readonly policy?: PolicySettings;
  /** Asked too, and only logged. */
  readonly shadow?: PolicySettings;
  /** The `opa` program, which compiles Rego. */
  readonly program: string;
  /** How long an OPA server may take for an answer, in milliseconds. */
  readonly timeoutMs: number;
  /** How long an answer of an OPA server is remembered, in milliseconds; 0 for not at all. */
  readonly cacheTtlMs: number;
  /** Most answers remembered. */
  readonly cacheMax: number;
  /** How often a bundle is asked for by HTTP, in milliseconds. */
  readonly pollMs: number;
  /** Bearer token for the OPA server and for bundles by HTTP. */
  readonly token?: Secret;
  /** Most turns of loops and calls of functions in one evaluation. */
  readonly maxSteps: number;
  /** Most memory of one policy, in bytes. */
  readonly maxMemoryBytes: number;
  /** Whether lists show only what the caller could call. */
  readonly lists: boolean;
  /** Where keys are read; undefined where there is no Consul. */
  readonly consul?: ConsulSettings;
}
