import type { Readable, Writable } from 'node:stream';

/** A local client: what it writes, and where it reads. */
export interface Pipes {
  readonly input: Readable;
  readonly output: Writable;
}
