import { limits } from '../../config/limits.js';

const windowMs = 60_000;

/** What is left to an address before its new credentials are not looked at any more. */
interface Allowance {
  left: number;
  /** Epoch milliseconds when `left` was reckoned. */
  at: number;
}

/**
 * The refused credentials of each address, as buckets that fill again within a minute.
 *
 * Bounded: the address that failed longest ago makes room.
 */
export class Failures {
  readonly #allowances = new Map<string, Allowance>();

  /** Whether an address has used up its failures. @param max how many it has in a minute; 0 for no limit */
  isUsedUp(address: string, max: number, now: number): boolean {
    return max > 0 && this.#left(address, max, now) < 1;
  }

  /** Notes one more. */
  add(address: string, max: number, now: number): void {
    const left = this.#left(address, max, now);
    this.#allowances.delete(address);
    const [first] = this.#allowances.keys();
    if (this.#allowances.size >= limits.maxFailingAddresses && first !== undefined)
      this.#allowances.delete(first);
    this.#allowances.set(address, { left: Math.max(0, left - 1), at: now });
  }

  #left(address: string, max: number, now: number): number {
    const found = this.#allowances.get(address);
    return found === undefined ? max : Math.min(max, found.left + ((now - found.at) / windowMs) * max);
  }
}
