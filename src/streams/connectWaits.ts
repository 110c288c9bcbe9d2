import {
  catchError,
  exhaustMap,
  filter,
  map,
  merge,
  mergeMap,
  of,
  Subject,
  switchMap,
  take,
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
  /** How many are looked for at a time for clients that are told; of more, who asks hears by calling again. */
  readonly max: number;
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
  #waiting = 0;

  constructor(options: ConnectWaitsOptions) {
    this.#options = options;
  }

  /** The pages that are done, of those that sessions were sent to. For one subscriber. */
  readonly completed$: Observable<CompletedElicitation> = this.#asked.pipe(
    filter(() => this.#waiting < this.#options.max),
    mergeMap((asked) => {
      const { ttlMs, scheduler } = this.#options;
      this.#waiting++;
      return merge(this.until(asked.key, asked.before), timer(ttlMs, scheduler).pipe(map(() => false))).pipe(
        take(1),
        map((isGiven) => {
          this.#waiting--;
          return isGiven ? asked : undefined;
        }),
      );
    }),
    filter((asked) => asked !== undefined),
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
}
