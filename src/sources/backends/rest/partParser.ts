/**
 * Cuts the text of a streamed answer into parts: a plain, synchronous object, because between a socket and its sink nothing may
 * queue.
 */
export interface PartParser {
  /** Takes a piece of text; parts are handed on before it returns. False: a part is too long, nothing more may be pushed. */
  push(text: string): boolean;
  /** The answer is complete: hands on what was left. */
  end(): void;
}
