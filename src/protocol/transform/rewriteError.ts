/** A value could not be rewritten. The message tells where the rule failed and never what was in the value: it may be logged. */
export class RewriteError extends Error {
  override readonly name = 'RewriteError';
}
