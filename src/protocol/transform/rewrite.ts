/** What a rule may look at besides the value that it rewrites: in JSONata as `$context` and `$arguments`. */
export interface RewriteBindings {
  /** Who calls what, and when. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Of a result: the arguments that were sent. */
  readonly arguments?: unknown;
}

/**
 * A rule, compiled: gives another value and leaves the given one as it is. What it gives is plain JSON.
 *
 * Fails with a `RewriteError`.
 */
export type Rewrite = (value: unknown, bindings: RewriteBindings) => unknown;
