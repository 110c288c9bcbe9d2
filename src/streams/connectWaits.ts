import {
  catchError,
  defer,
  exhaustMap,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  of,
  share,
  Subject,
  switchMap,
  take,
  takeUntil,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { CompletedElicitation } from './elicitations.js';
import type { GrantStore } from './grants.js';

export interface ConnectWaitsOptions {
  readonly people: GrantStore;
  /** How often it is looked whether a person has agreed at another instance, in milliseconds. */
  readonly lookMs: number;
  /** How long a person may take, in milliseconds. */
  readonly ttlMs: number;
  /** How many pages are looked for at a time for clients that are told, and how many of one grant; of more, who asks hears by calling again. */
  readonly max: number;
  readonly maxPerGrant: number;
  readonly scheduler?: SchedulerLike;
}

/** A page that a session was sent to. */
export interface ConnectAsked extends CompletedElicitation {
  /** Where the grant is kept, and when the last one there was given. */
  readonly key: string;
  readonly before: number | undefined;
}

/**
 * Who waits for a person to agree at a page: it may be opened at any instance that shares the grants.
 *
 * ```
 * person   --------agrees here                 ---agrees elsewhere
 * until    --------(x|)                        ------(x|)   when it is looked for
 * ```
 */
export class ConnectWaits {
  readonly #options: ConnectWaitsOptions;
  readonly #given = new Subject<string>();
  readonly #asked = new Subject<ConnectAsked>();
  /** How many clients are to be told, by grant. */
  readonly #waiting = new Map<string, number>();
  #all = 0;
  /** Who waits for the same looks for it together. */
  readonly #looks = new Map<string, Observable<true>>();

  constructor(options: ConnectWaitsOptions) {
    this.#options = options;
  }

  /** The pages that are done, of those that sessions were sent to. For one subscriber. */
  readonly completed$: Observable<CompletedElicitation> = this.#asked.pipe(
    filter(({ key }) => this.#hasRoom(key)),
    mergeMap((asked) => {
      const { key, before } = asked;
      const { ttlMs, scheduler } = this.#options;
      this.#count(key, 1);
      return this.until(key, before).pipe(
        takeUntil(timer(ttlMs, scheduler)),
        map(() => asked),
        finalize(() => this.#count(key, -1)),
      );
    }),
  );

  /** A session is told when a person has agreed. */
  tell(asked: ConnectAsked): void {
    this.#asked.next(asked);
  }

  /** A person has agreed at this instance. */
  given(key: string): void {
    this.#given.next(key);
  }

  /** Emits `true`, once, when there is a grant that was given at another time than `before`. */
  until(key: string, before: number | undefined): Observable<true> {
    return defer(() => {
      const name = `${before ?? ''} ${key}`;
      let look = this.#looks.get(name);
      if (look === undefined) {
        look = this.#look(key, before).pipe(
          finalize(() => this.#looks.delete(name)),
          share(),
        );
        this.#looks.set(name, look);
      }
      return look;
    });
  }

  #look(key: string, before: number | undefined): Observable<true> {
    const { people, lookMs, scheduler } = this.#options;
    // A store that does not answer now is asked again.
    const read = () => people.read(key).pipe(catchError(() => of(undefined)));
    return merge(
      this.#given.pipe(
        filter((each) => each === key),
        switchMap(read),
      ),
      timer(0, lookMs, scheduler).pipe(exhaustMap(read)),
    ).pipe(
      filter((record) => record?.grant !== undefined && record.given !== before),
      take(1),
      map(() => true),
    );
  }

  #hasRoom(key: string): boolean {
    const { max, maxPerGrant } = this.#options;
    return this.#all < max && (this.#waiting.get(key) ?? 0) < maxPerGrant;
  }

  #count(key: string, by: 1 | -1): void {
    const count = (this.#waiting.get(key) ?? 0) + by;
    this.#all += by;
    if (count === 0) this.#waiting.delete(key);
    else this.#waiting.set(key, count);
  }
}
