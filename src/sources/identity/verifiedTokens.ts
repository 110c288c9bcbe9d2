import type { Principal } from '../../streams/exchange.js';

interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * Whom tokens stand for, until they have to be checked again. Keys are hashes: whoever reads this memory gets no token from it.
 *
 * Bounded: the one that was put in first makes room.
 */
export class VerifiedTokens {
  readonly #max: number;
  readonly #entries = new Map<string, Verified>();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string, now: number): Principal | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    if (now < found.until) return found.principal;
    this.#entries.delete(key);
    return undefined;
  }

  put(key: string, verified: Verified): void {
    this.#entries.delete(key);
    const [first] = this.#entries.keys();
    if (this.#entries.size >= this.#max && first !== undefined) this.#entries.delete(first);
    this.#entries.set(key, verified);
  }
}
