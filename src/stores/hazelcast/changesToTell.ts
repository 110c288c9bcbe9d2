import { filter, Subject, take, type Observable } from 'rxjs';
import { limits } from '../../config/limits.js';
import { answerTags } from '../../streams/answerTags.js';

/** So long single resources are counted, in milliseconds. */
const windowMs = 10 * 60_000;

/** Changes that are being told, each with its number. */
export type Telling = ReadonlyMap<string, number>;

/**
 * What has changed and others are told of. Beyond so many resources it is all resources of their server: who makes up names fills nobody's
 * memory.
 */
export class ChangesToTell {
  /** What others may not know yet, by the number of the last change. */
  readonly #untold = new Map<string, number>();
  /** What could not be told. */
  readonly #missed = new Set<string>();
  readonly #told = new Subject<void>();
  #since = -Infinity;
  #named = 0;
  #count = 0;

  /** Begins to tell. */
  begin(tags: readonly string[], now: number): Telling {
    if (now - this.#since > windowMs) {
      this.#since = now;
      this.#named = 0;
    }
    this.#named += tags.length;
    const bounded = this.#named > limits.untoldChanges ? tags.map(answerTags.wider) : tags;
    const telling = new Map(bounded.map((tag) => [tag, ++this.#count]));
    for (const [tag, number] of telling) this.#untold.set(tag, number);
    return telling;
  }

  /** They have been told, or could not be. */
  end(telling: Telling, isTold: boolean): void {
    for (const [tag, number] of telling) {
      if (!isTold) this.#missed.add(tag);
      else if (this.#untold.get(tag) === number) {
        this.#untold.delete(tag);
        this.#missed.delete(tag);
      }
    }
    this.#told.next();
  }

  /** What could not be told, to be told now. */
  get missed(): Telling {
    return new Map([...this.#untold].filter(([tag]) => this.#missed.has(tag)));
  }

  /** Whether others know all there is to know: a moment later (an Observable that emits then), or not before they can be told. */
  known(tags: readonly string[]): boolean | Observable<unknown> {
    if (this.#untold.size === 0 || !tags.some((tag) => this.#untold.has(tag))) return true;
    if (tags.some((tag) => this.#missed.has(tag))) return false;
    return this.#told.pipe(
      filter(() => !tags.some((tag) => this.#untold.has(tag))),
      take(1),
    );
  }
}
