/** Where somebody stands among the {@link Members}. */
export class Place<T> {
  readonly item: T;
  #before: Place<T> | undefined;
  #after: Place<T> | undefined;
  #of: Members<T> | undefined;

  private constructor(item: T) {
    this.item = item;
  }

  /** Whether it still stands there. */
  get taken(): boolean {
    return this.#of !== undefined;
  }

  /** Gives the place up. Nothing happens when it was given up before. */
  leave(): void {
    const members = this.#of;
    if (members === undefined) return;
    if (this.#before === undefined) members.first = this.#after;
    else this.#before.#after = this.#after;
    if (this.#after === undefined) members.last = this.#before;
    else this.#after.#before = this.#before;
    // A place that is garbage but old must not keep its neighbours: that is what this is for.
    this.#before = this.#after = this.#of = undefined;
    members.size--;
  }

  /** The place behind it. */
  get next(): Place<T> | undefined {
    return this.#after;
  }

  /** For {@link Members} only: takes the last place. */
  static takenBy<T>(item: T, members: Members<T>): Place<T> {
    const place = new Place(item);
    place.#of = members;
    place.#before = members.last;
    if (members.last === undefined) members.first = place;
    else members.last.#after = place;
    members.last = place;
    members.size++;
    return place;
  }
}

/**
 * What comes and goes with each call, in the order it came: a linked list, whose places are what one leaves by.
 *
 * Instead of a `Set`, for the garbage collector's sake: V8 makes a new table for a Set after every few dozen changes and lets the old one
 * point to it. Once one of them is old and dead it keeps all that came after it, and with them every call that they held, until the
 * next full collection. Under load a third of all that was allocated was copied twice and kept so; here it is a hundredth.
 */
export class Members<T> {
  /** @internal Kept by {@link Place}, like the other two. */
  last: Place<T> | undefined;
  /** The one that has been here the longest. */
  first: Place<T> | undefined;
  size = 0;

  /** Comes last. */
  add(item: T): Place<T> {
    return Place.takenBy(item, this);
  }

  /** Those that are here now, but for any that leave before it is their turn. */
  *[Symbol.iterator](): Generator<T> {
    const places: Place<T>[] = [];
    for (let place = this.first; place !== undefined; place = place.next) places.push(place);
    for (const place of places) if (place.taken) yield place.item;
  }
}
