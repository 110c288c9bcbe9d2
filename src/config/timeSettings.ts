/** How long a call may take and how many may be under way at once, as the program sees it; see settings.ts. */

/** Limits of a call besides that of silence, in milliseconds. */
export interface TimeLimits {
  /** Until an instance is reached; `limits.connectMs` if not given. */
  readonly connectMs?: number;
  /** Until the first part of an answer; that of silence if not given. */
  readonly firstByteMs?: number;
  /** For all of it; `Settings.maxCallMs` if not given, and never more. */
  readonly totalMs?: number;
}

/** How many calls a server works on at a time. */
export interface ConcurrencySettings {
  readonly max: number;
  /** So many more may wait for their turn. */
  readonly queue: number;
  /** For so long, in milliseconds. */
  readonly waitMs: number;
}
