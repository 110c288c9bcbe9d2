/** Who, or what, has a limit of its own. */
export type LimitedBy = 'client' | 'user' | 'ip' | 'tenant' | 'tool' | 'all';

/** So many calls in a time. */
export interface RateLimitSettings {
  /** The setting that says so, e.g. `limits.database`: what clients, log and metrics call it. */
  readonly name: string;
  readonly by: LimitedBy;
  /** `bucket`: fills evenly. `quota`: so many in each window. `month`: in each month of the calendar. */
  readonly kind: 'bucket' | 'quota' | 'month';
  readonly max: number;
  /** May be a fraction. */
  readonly windowMs: number;
}

/** A limit on what its setting names; on everything if it names nothing. */
export interface ScopedLimitSettings extends RateLimitSettings {
  /** A server, or tools (a glob), whichever has that name. */
  readonly either?: string;
  readonly servers?: readonly string[];
  /** Globs over names of tools, exposed ones or the server's own. */
  readonly tools?: readonly string[];
}
