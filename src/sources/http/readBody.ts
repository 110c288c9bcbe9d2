import type { IncomingMessage } from 'node:http';
import { isUtf8 } from 'node:buffer';
import { isDeeperThan } from '../../protocol/depth.js';
import { GatewayError, refusal } from '../../protocol/errors.js';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Levels of nested arrays and objects. */
  readonly maxDepth: number;
}

/**
 * Reads and parses a JSON body, within bounds. Calls back once, with the value or with the refusal: `ERR_BODY_TOO_LARGE`
 * (413), `ERR_PARSE` (400). Never calls back for a client that leaves in the middle.
 *
 * A callback and not an Observable or a promise: one of these a message would be the largest single cost of the source.
 */
export const readBody = (
  request: IncomingMessage,
  { maxBodyBytes, maxDepth }: BodyLimits,
  done: (error: GatewayError | undefined, value?: unknown) => void,
): void => {
  const tooLarge = (): GatewayError =>
    refusal('ERR_BODY_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes`, {
      headers: { connection: 'close' },
    });
  if (Number(request.headers['content-length']) > maxBodyBytes) {
    done(tooLarge());
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let over = false;
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    size += chunk.length;
    if (size > maxBodyBytes) {
      over = true;
      chunks.length = 0;
      done(tooLarge());
    } else chunks.push(chunk);
  });
  request.on('end', () => {
    if (over) return;
    over = true;
    const [first] = chunks;
    const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    let value: unknown;
    try {
      value = parse(bytes, maxDepth);
    } catch (error) {
      done(
        error instanceof GatewayError
          ? error
          : refusal('ERR_PARSE', 'Parse error: the body is not valid JSON'),
      );
      return;
    }
    done(undefined, value);
  });
};

const parse = (bytes: Buffer, maxDepth: number): unknown => {
  if (!isUtf8(bytes)) throw refusal('ERR_PARSE', 'Parse error: the body is not valid UTF-8');
  // Parsing copes with any depth; what handles the value afterwards recurses, and would run out of stack.
  if (isDeeperThan(bytes, maxDepth))
    throw refusal('ERR_PARSE', `Parse error: the body is nested deeper than ${maxDepth} levels`);
  return JSON.parse(bytes.toString('utf8')) as unknown;
};
