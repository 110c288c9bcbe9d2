/** Takes the lines of a byte stream. */
export interface LineTaker {
  /** A line without its end. */
  line(text: string): void;
  /** A line beyond the bound was dropped; its first and last bytes, to tell what it was. */
  overlong(head: string, tail: string): void;
}

/** How much of a dropped line is kept at either end, in bytes. */
const margin = 256;

/**
 * Cuts a byte stream into lines (`\n`, also `\r\n`). Never holds more than `maxBytes` of an unfinished one.
 *
 * @param maxBytes longest line
 * @returns a function to be given each chunk
 */
export const readLines = (maxBytes: number, taker: LineTaker): ((chunk: Buffer) => void) => {
  let parts: Buffer[] = [];
  let size = 0;
  let dropped: { head: string; tail: Buffer } | undefined;

  const keep = (part: Buffer): void => {
    if (dropped !== undefined) {
      dropped.tail = Buffer.concat([dropped.tail, part.subarray(-margin)]).subarray(-margin);
      return;
    }
    parts.push(part);
    size += part.length;
    if (size <= maxBytes) return;
    const whole = Buffer.concat(parts);
    dropped = {
      head: whole.subarray(0, margin).toString('utf8'),
      tail: Buffer.from(whole.subarray(-margin)),
    };
    parts = [];
    size = 0;
  };
  const finish = (): void => {
    if (dropped !== undefined) taker.overlong(dropped.head, dropped.tail.toString('utf8').trimEnd());
    else if (size > 0) {
      const text = (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString('utf8');
      taker.line(text.endsWith('\r') ? text.slice(0, -1) : text);
    }
    parts = [];
    size = 0;
    dropped = undefined;
  };

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      finish();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  };
};
