/** Why something can not be replayed, for whoever asked for it. */
export class RecordingError extends Error {
  /** What to do about it, one instruction a line. */
  readonly remedy: readonly string[];

  constructor(
    message: string,
    options: { readonly remedy?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RecordingError';
    this.remedy = options.remedy ?? [];
  }
}
