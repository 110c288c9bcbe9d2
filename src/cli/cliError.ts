/** How a command ends: the exit codes of every `sluice` command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export interface CliErrorOptions {
  /** What to do about it, one instruction a line. */
  readonly remedy?: readonly string[];
  /** Defaults to {@link exitCodes}.failed. */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** A command's end that is explained to whoever typed it: a sentence, remedies, an exit code; never a stack. */
export class CliError extends Error {
  readonly remedy: readonly string[];
  readonly exitCode: number;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.remedy = options.remedy ?? [];
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}
