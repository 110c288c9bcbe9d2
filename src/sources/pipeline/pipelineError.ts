/** A chain of one's own that can't be used. The message names the module and the cause. */
export class PipelineError extends Error {
  readonly code = 'ERR_PIPELINE';
  /** What to do about it. */
  readonly remedy: string;

  /** @param name of the module, as the configuration has it */
  constructor(name: string, why: string, remedy: string, cause?: unknown) {
    super(`The pipeline ${name} can not be used: ${why}`, { cause });
    this.name = 'PipelineError';
    this.remedy = remedy;
  }
}
