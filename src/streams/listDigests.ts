import { hash } from 'node:crypto';
import { kept } from './kept.js';

interface Defined {
  readonly definition: object;
}

/** Of definitions: when one of many has changed, the others are the same objects. */
const ofDefinitions = new WeakMap<object, bigint>();
const ofLists = new WeakMap<object, bigint>();

const sumOf = (entries: Iterable<Defined>): bigint => {
  let sum = 0n;
  for (const { definition } of entries)
    sum += kept(ofDefinitions, definition, () =>
      BigInt(`0x${hash('sha256', JSON.stringify(definition)).slice(0, 32)}`),
    );
  return sum;
};

/**
 * Digests of lists: the sum of those of the definitions, 128 bits each, so that a list that has changed a little has its digest at once.
 * Their order is no part of it; it follows from their keys, which are in the definitions.
 */
export const listDigests = {
  /** The same for lists that show the same. Worked out once a list. */
  of: (list: ReadonlyMap<string, Defined>): string =>
    BigInt.asUintN(
      128,
      kept(ofLists, list, () => sumOf(list.values())),
    ).toString(36),

  /** Notes what `list` is: another list, if anybody has asked for that one's digest, without some and with others. */
  follow(
    list: object,
    { before, gone, come }: Readonly<{ before: object; gone: Iterable<Defined>; come: Iterable<Defined> }>,
  ): void {
    const sum = ofLists.get(before);
    if (sum !== undefined) ofLists.set(list, sum - sumOf(gone) + sumOf(come));
  },
};
