/** A line of a file. */
export interface NumberedLine {
  /** From 1. */
  readonly number: number;
  /** Without its end; undefined for one that is too long. */
  readonly text: string | undefined;
}

/**
 * The lines of a stream of UTF-8, as it is read: never more than one and a chunk is held.
 *
 * @param maxLength longest line, in characters
 */
export const numberedLines = async function* (
  chunks: AsyncIterable<unknown>,
  maxLength: number,
): AsyncGenerator<NumberedLine> {
  const decoder = new TextDecoder();
  let number = 1;
  let open = '';
  let isTooLong = false;
  for await (const chunk of chunks) {
    const [first = '', ...others] = decoder.decode(chunk as Uint8Array, { stream: true }).split('\n');
    isTooLong ||= open.length + first.length > maxLength;
    open = isTooLong ? '' : open + first;
    for (const next of others) {
      yield { number, text: isTooLong ? undefined : open };
      number++;
      isTooLong = next.length > maxLength;
      open = isTooLong ? '' : next;
    }
  }
  if (open !== '' || isTooLong) yield { number, text: isTooLong ? undefined : open };
};
