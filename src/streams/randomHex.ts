import { randomFillSync } from 'node:crypto';

/** 256 trace ids' worth of random bytes: one call into the operating system's generator for all of them (15 µs each otherwise). */
const randomness = Buffer.alloc(16 * 256);
let used = randomness.length;

/** So many random bytes as hexadecimal digits: what ids of traces and spans are made of. At most 16. */
export const randomHex = (bytes: number): string => {
  if (used + bytes > randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  return randomness.toString('hex', used, (used += bytes));
};
