import type { RateLimitSettings } from './rateLimitSettings.js';

/** Names or patterns allowed and denied; what is denied is so although it is allowed, too. */
export interface AllowDeny {
  /** Undefined for all. */
  readonly allowed?: readonly string[];
  readonly denied: readonly string[];
}

/** A tenant: who it is and what there is for it at all. */
export interface TenantSettings {
  readonly name: string;
  /** Servers it may use; undefined for all that are nobody's own. */
  readonly servers?: readonly string[];
  /** In front of the names of tools and prompts that it sees. */
  readonly prefix?: string;
  /** Its servers are its own: nobody else sees them. */
  readonly dedicated: boolean;
  readonly quotas?: readonly RateLimitSettings[];
}

/** One access policy: whom it is about, and what it lets them have. */
export interface AccessRule {
  /** The tenant it is about; undefined for every caller. */
  readonly tenant?: string;
  /** Who has one of these roles; undefined for every caller. */
  readonly roles?: readonly string[];
  /** Undefined for all. */
  readonly servers?: readonly string[];
  readonly tools: AllowDeny;
  readonly prompts: AllowDeny;
  /** Patterns of URIs. */
  readonly resources: AllowDeny;
}

/** Who may have what; undefined in settings that say nothing of it. */
export interface AccessSettings {
  /** Undefined where there are no tenants; with an empty list nobody belongs to one. */
  readonly tenants?: readonly TenantSettings[];
  /** Undefined where there are no policies; with an empty list everything is denied. */
  readonly rules?: readonly AccessRule[];
}
