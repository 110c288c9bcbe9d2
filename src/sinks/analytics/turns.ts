/** Lets one after the other do something that must not be done by two at once. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Gives what `work` gives, once those before are done. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    // Whoever comes next waits for it, not for its success.
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
