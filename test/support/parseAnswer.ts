/** An HTTP answer as it came; header names are lower case, the body is what the framing held. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The first complete HTTP/1.1 answer in a buffer. */
interface Parsed {
  readonly answer: RawAnswer;
  /** How many bytes it takes. */
  readonly length: number;
}

/**
 * Reads the HTTP/1.1 answer at the start of `input`, or nothing while it is incomplete.
 *
 * @param ended no more bytes will come: an answer without a length is then complete
 */
export const parseAnswer = (input: Buffer, ended: boolean): Parsed | undefined => {
  const headStop = input.indexOf('\r\n\r\n');
  if (headStop < 0) return undefined;
  const [statusLine = '', ...lines] = input.toString('latin1', 0, headStop).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number(statusLine.split(' ')[1]);
  const start = headStop + 4;
  const body = bodyOf(input, start, status, headers, ended);
  return body && { answer: { status, headers, body: body.text }, length: body.end };
};

const bodyOf = (
  input: Buffer,
  start: number,
  status: number,
  headers: Readonly<Record<string, string>>,
  ended: boolean,
): { text: string; end: number } | undefined => {
  if (status === 204 || status === 304 || status < 200) return { text: '', end: start };
  const length = headers['content-length'];
  if (length !== undefined) {
    const end = start + Number(length);
    return input.length < end ? undefined : { text: input.toString('utf8', start, end), end };
  }
  if (headers['transfer-encoding'] === 'chunked') return dechunk(input, start);
  return ended ? { text: input.toString('utf8', start), end: input.length } : undefined;
};

const dechunk = (input: Buffer, start: number): { text: string; end: number } | undefined => {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = input.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(input.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (input.length < next) return undefined;
    if (size === 0) return { text: Buffer.concat(parts).toString(), end: next };
    parts.push(input.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
};
