import { inspect } from 'node:util';

/** Bytes that nothing shows by accident: neither JSON, nor a log line, nor a debugger's printout. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves, for whoever computes with them. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  toJSON(): string {
    return '[redacted]';
  }

  toString(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
