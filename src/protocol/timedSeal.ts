import { sealer, type Secrets } from './sealer.js';

/** Seals values that are good for a while, for whoever carries them between two requests. */
export interface TimedSeal<T extends object> {
  seal(value: T): string;
  /** What was sealed; undefined for a text that was altered, made by others or for another purpose, or is too old. */
  open(text: string): T | undefined;
}

export interface TimedSealOptions {
  readonly keys: Secrets;
  /** What the texts are for: one made for another purpose does not open. */
  readonly purpose: string;
  /** How long a text is good, in milliseconds. */
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** {@link sealer} with an end. */
export const timedSeal = <T extends object>({
  keys,
  purpose,
  ttlMs,
  now,
}: TimedSealOptions): TimedSeal<T> => {
  const { seal, open } = sealer(keys, purpose);
  return {
    seal: (value) => seal({ ...value, exp: now() + ttlMs }),
    open(text) {
      const value = open(text);
      if (value === undefined || typeof value['exp'] !== 'number' || value['exp'] < now()) return undefined;
      const { exp: _exp, ...rest } = value;
      return rest as unknown as T;
    },
  };
};
