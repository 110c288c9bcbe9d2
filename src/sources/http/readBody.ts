import type { IncomingMessage } from 'node:http';
import { fromUnknown, refusal, type GatewayError } from '../../protocol/errors.js';
import { exhausted } from '../../protocol/exhausted.js';
import type { ByteBudget } from '../../streams/byteBudget.js';
import { parseMessage } from '../parseMessage.js';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Levels of nested arrays and objects. */
  readonly maxDepth: number;
  /** For all unfinished bodies: slow senders, however many, can't hold more than this. */
  readonly bodies: ByteBudget;
}

/**
 * Reads and parses a JSON body, within bounds. Calls back once, with the value or with the refusal: `ERR_BODY_TOO_LARGE`
 * (413), `ERR_PARSE` (400), `ERR_BODIES_EXHAUSTED` (503) when too much of other bodies is under way. Never calls back for a client that leaves in the middle.
 *
 * A callback and not an Observable or a promise: one of these a message would be the largest single cost of the source.
 */
export const readBody = (
  request: IncomingMessage,
  { maxBodyBytes, maxDepth, bodies }: BodyLimits,
  done: (error: GatewayError | undefined, value?: unknown, parsedFrom?: number) => void,
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
  /** What is held no longer counts: read whole, refused, or left behind. */
  const release = (): void => {
    bodies.giveBack(size);
    size = 0;
    over = true;
  };
  const refuse = (error: GatewayError): void => {
    release();
    chunks.length = 0;
    done(error);
  };
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    size += chunk.length;
    const fits = bodies.take(chunk.length);
    chunks.push(chunk);
    if (size > maxBodyBytes) refuse(tooLarge());
    else if (!fits) refuse(tooMuch(bodies.max));
  });
  request.on('close', () => {
    if (!over) release();
  });
  request.on('end', () => {
    if (over) return;
    release();
    const [first] = chunks;
    const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    const parsedFrom = performance.now();
    let value: unknown;
    try {
      value = parseMessage(bytes, maxDepth);
    } catch (error) {
      done(fromUnknown(error));
      return;
    }
    done(undefined, value, parsedFrom);
  });
};

const tooMuch = (max: number): GatewayError =>
  exhausted('ERR_BODIES_EXHAUSTED', 'Too much is being received at this moment: try again', {
    limit: 'buffers.bodies',
    max,
    headers: { connection: 'close' },
  });
