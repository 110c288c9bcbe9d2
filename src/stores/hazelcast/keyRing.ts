/** A secret of the cluster, as its members keep it. */
export interface RingKey {
  /** base64url. */
  readonly secret: string;
  /** When it begins to seal, epoch milliseconds; it opens as soon as it is there. */
  readonly from: number;
}

/** The newest first. */
export type KeyRing = readonly RingKey[];

export interface Turning {
  /** How long one seals, in milliseconds. */
  readonly everyMs: number;
  /** How long it opens after that, in milliseconds. */
  readonly overlapMs: number;
  /** How long before it seals a new one is there, in milliseconds: all instances have to know it by then. */
  readonly leadMs: number;
  /** A new secret, base64url. */
  readonly make: () => string;
}

/**
 * The ring as it should be at a time: with a new key when the newest has sealed for long enough, without those whose texts are too
 * old to come back. The same object where nothing is to be done.
 */
export const turned = (
  ring: KeyRing,
  now: number,
  { everyMs, overlapMs, leadMs, make }: Turning,
): KeyRing => {
  const [newest] = ring;
  if (newest === undefined) return [{ secret: make(), from: now }];
  const isDue = newest.from + everyMs <= now;
  const grown = isDue ? [{ secret: make(), from: now + leadMs }, ...ring] : ring;
  // One seals until the one before it in the ring does.
  const kept = grown.filter((_key, index) => index === 0 || (grown[index - 1]?.from ?? 0) + overlapMs > now);
  return isDue || kept.length < ring.length ? kept : ring;
};

/** The secrets in the order in which they are used at a time: the one that seals, then those that only open. */
export const inUse = (ring: KeyRing, now: number): readonly string[] => {
  const sealing = ring.find(({ from }) => from <= now) ?? ring.at(-1);
  const rest = ring.filter((key) => key !== sealing);
  return (sealing === undefined ? rest : [sealing, ...rest]).map(({ secret }) => secret);
};
