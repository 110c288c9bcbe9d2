import { randomFillSync } from 'node:crypto';
import { metaOf } from '../protocol/mcp.js';
import type { Exchange } from '../streams/exchange.js';

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace that the client of a call is in (W3C Trace Context), or a new one. */
export const traceIdOf = ({ message, origin }: Exchange): string => {
  const given = metaOf(message.params)['traceparent'] ?? origin.headers['traceparent'];
  const known = typeof given === 'string' ? traceparent.exec(given)?.[1] : undefined;
  return known ?? freshTraceId();
};

/** 256 ids' worth of random bytes: one call into the operating system's generator for all of them (15 µs each otherwise). */
const randomness = Buffer.alloc(16 * 256);
let used = randomness.length;

const freshTraceId = (): string => {
  if (used === randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  return randomness.toString('hex', used, (used += 16));
};
