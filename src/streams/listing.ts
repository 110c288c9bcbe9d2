import { listDigests } from './listDigests.js';
import type { Entry } from './slice.js';

export interface ListingOptions<E> {
  /** Of two with the same key the earlier list's keeps it; within a list one of these does, whatever their order. */
  readonly isFirst: (entry: E) => boolean;
  /** What becomes of the other one: the same by a free key, or undefined for nothing. */
  readonly otherwise: (entry: E) => E | undefined;
}

/** A listing as it was, and what is different now: not the order of what has stayed. */
export interface ListingChange<E> {
  readonly before: ReadonlyMap<string, E>;
  readonly gone: readonly E[];
  readonly come: readonly E[];
}

/** Of each listing the keys that more than one wanted, and those that were found for the others. */
const contested = new WeakMap<object, ReadonlySet<string>>();

/**
 * What several servers offer of one kind as one list, sorted by key, each key once.
 *
 * @param lists what each server offers, in the order of servers
 * @param change where it is known: the same listing comes about with less work, and is the one before if nothing has changed
 */
export const listing = <E extends Entry<object>>(
  lists: () => readonly (readonly E[])[],
  options: ListingOptions<E>,
  change: ListingChange<E> | undefined,
): ReadonlyMap<string, E> => (change && changed(change)) ?? merged(lists(), options);

/** Undefined where keys are concerned that more than one server wants: who gets them depends on all of them. */
const changed = <E extends Entry<object>>({
  before,
  gone,
  come,
}: ListingChange<E>): ReadonlyMap<string, E> | undefined => {
  if (gone.length === 0 && come.length === 0) return before;
  const wanted = contested.get(before);
  if (wanted === undefined || [...gone, ...come].some(({ key }) => wanted.has(key))) return undefined;
  const going = new Set(gone.map(({ key }) => key));
  const coming = new Map(come.map((entry) => [entry.key, entry]));
  if (coming.size < come.length) return undefined;
  if (come.some(({ key }) => before.has(key) && !going.has(key))) return undefined;
  const next = new Map<string, E>();
  const add = (entry: E): void => void next.set(entry.key, entry);
  const waiting = [...come].sort(byKey);
  let place = 0;
  for (const entry of before.values()) {
    for (let first = waiting[place]; first !== undefined && first.key < entry.key; first = waiting[++place])
      add(first);
    if (!going.has(entry.key)) add(entry);
  }
  waiting.slice(place).forEach(add);
  contested.set(next, wanted);
  listDigests.follow(next, { before, gone, come });
  return next;
};

const merged = <E extends Entry<unknown>>(
  lists: readonly (readonly E[])[],
  { isFirst, otherwise }: ListingOptions<E>,
): ReadonlyMap<string, E> => {
  const taken = new Map<string, E>();
  const wanted = new Set<string>();
  const take = (entry: E): void => {
    if (!taken.has(entry.key)) return void taken.set(entry.key, entry);
    wanted.add(entry.key);
    const other = otherwise(entry);
    if (other === undefined) return;
    wanted.add(other.key);
    // Nobody takes a name by choosing what it would get instead.
    if (!taken.has(other.key)) taken.set(other.key, other);
  };
  for (const list of lists) {
    const rest: E[] = [];
    for (const entry of list)
      if (isFirst(entry)) take(entry);
      else rest.push(entry);
    rest.forEach(take);
  }
  const all = new Map([...taken.values()].sort(byKey).map((entry) => [entry.key, entry]));
  contested.set(all, wanted);
  return all;
};

const byKey = (a: Entry<unknown>, b: Entry<unknown>): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
