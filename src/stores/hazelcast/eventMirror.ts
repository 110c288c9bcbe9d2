import {
  catchError,
  concat,
  defer,
  EMPTY,
  from,
  mergeMap,
  Subscription,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { KeptStream } from '../memoryEvents.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { keptStream, type Run } from './keptStream.js';

export interface EventMirrorOptions {
  readonly link: HazelcastLink;
  /** The name of the map on the members. */
  readonly name: string;
  /** This instance. */
  readonly self: string;
  /** A stream as it is now; undefined for one that is forgotten. */
  readonly stream: (sessionId: string, streamId: string) => KeptStream | undefined;
  /** What is open stays on the members for so many milliseconds after it was written last. */
  readonly openMs: number;
  /** What has ended stays so many milliseconds. */
  readonly ttlMs: number;
  readonly scheduler: SchedulerLike;
}

/** What the members have of a stream. */
interface Mirrored {
  readonly sessionId: string;
  readonly streamId: string;
  readonly parts: number[];
  /** The first position that is in no part. */
  from: number;
}

/** A tail larger than this becomes a part of its own, so that small events are not written again with all that came before them. */
const sealBytes = 16 * 1024;
/** Pause after a write that failed, in milliseconds; the cluster's coming back ends it. */
const restMs = 1000;
/** Streams written at a time. */
const atOnce = 32;

/** The key of a stream in the map. */
export const streamKey = (sessionId: string, streamId: string): string => `${sessionId} ${streamId}`;
/** The key of a sealed part. */
export const partKey = (key: string, position: number): string => `${key} ${position}`;

/**
 * Keeps a copy of this instance's streams on the members: whatever has changed is written, one write a stream at a time, so that all
 * that happens meanwhile goes with the next.
 *
 * > It notes which streams have changed, not what: while the cluster is away nothing piles up here beyond what is kept anyway.
 */
export class EventMirror {
  readonly #options: EventMirrorOptions;
  readonly #mirrored = new Map<string, Mirrored>();
  readonly #changed = new Set<string>();
  readonly #writing = new Set<string>();
  readonly #subscriptions = new Subscription();
  readonly #waiting: (() => void)[] = [];
  #resting = false;

  constructor(options: EventMirrorOptions) {
    this.#options = options;
    this.#subscriptions.add(options.link.back$.subscribe(() => this.#wake()));
  }

  /** Something of that stream is to be written. */
  changed(sessionId: string, streamId: string): void {
    const key = streamKey(sessionId, streamId);
    if (!this.#mirrored.has(key)) {
      // Forgotten before anything was written: there is nothing to take back.
      if (this.#options.stream(sessionId, streamId) === undefined) return;
      this.#mirrored.set(key, { sessionId, streamId, parts: [], from: 1 });
    }
    this.#changed.add(key);
    this.#write();
  }

  /** Writes all that is open again: the members forget what nobody renews. */
  renew(): void {
    for (const [key, { sessionId, streamId }] of this.#mirrored)
      if (this.#options.stream(sessionId, streamId)?.ended === false) this.#changed.add(key);
    this.#write();
  }

  /** Resolves when all has been written. */
  written(): Promise<void> {
    return this.#changed.size + this.#writing.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#subscriptions.unsubscribe();
  }

  /** Something went wrong: the next writes wait. */
  #rest(): void {
    if (this.#resting) return;
    this.#resting = true;
    this.#subscriptions.add(timer(restMs, this.#options.scheduler).subscribe(() => this.#wake()));
  }

  #wake(): void {
    this.#resting = false;
    this.#write();
  }

  #write(): void {
    for (const key of this.#changed) {
      // Asked with each: a write may fail at once.
      if (this.#resting || this.#subscriptions.closed || this.#writing.size >= atOnce) return;
      const mirrored = this.#mirrored.get(key);
      if (this.#writing.has(key) || mirrored === undefined) continue;
      this.#changed.delete(key);
      this.#writing.add(key);
      this.#subscriptions.add(
        this.#store(key, mirrored)
          .pipe(
            catchError(() => {
              // As it stands then, it is written after a while.
              this.#changed.add(key);
              this.#rest();
              return EMPTY;
            }),
          )
          .subscribe({ complete: () => this.#done(key) }),
      );
    }
  }

  #done(key: string): void {
    this.#writing.delete(key);
    if (this.#changed.size > 0) this.#write();
    else if (this.#writing.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #store(key: string, mirrored: Mirrored): Observable<unknown> {
    const { stream, ttlMs, openMs, self } = this.#options;
    const kept = stream(mirrored.sessionId, mirrored.streamId);
    if (kept === undefined) {
      this.#mirrored.delete(key);
      return this.#forget([key, ...mirrored.parts.map((part) => partKey(key, part))]);
    }
    const { answers, last, dropped, ended } = kept;
    const stays = ended ? ttlMs : openMs;
    const tail = runOf(kept, mirrored.from);
    const sealed = sizeOf(tail) > sealBytes ? tail : undefined;
    const parts = [...mirrored.parts, ...(sealed === undefined ? [] : [sealed.from])];
    const from_ = sealed === undefined ? mirrored.from : last + 1;
    const gone: number[] = [];
    while (parts[0] !== undefined && (parts[1] ?? from_) <= dropped + 1) gone.push(...parts.splice(0, 1));
    const rest = sealed === undefined ? tail : { from: last + 1, data: [] };
    const head = keptStream.write({ holder: self, answers, last, dropped, ended, parts, tail: rest });
    return concat(
      // The part first: a head names nothing that is not there.
      sealed === undefined
        ? EMPTY
        : this.#set(partKey(key, sealed.from), keptStream.writePart(sealed), stays),
      this.#set(key, head, stays),
      defer(() => {
        mirrored.parts.splice(0, Infinity, ...parts);
        mirrored.from = from_;
        return this.#forget(gone.map((part) => partKey(key, part)));
      }),
      ended ? this.#shorten(parts.map((part) => partKey(key, part))) : EMPTY,
    );
  }

  #set(key: string, text: string, ms: number): Observable<unknown> {
    return this.#options.link.use(this.#options.name, (map) => map.set(key, text, ms));
  }

  #forget(keys: readonly string[]): Observable<unknown> {
    return from(keys).pipe(
      mergeMap((key) => this.#options.link.use(this.#options.name, (map) => map.delete(key)), atOnce),
    );
  }

  #shorten(keys: readonly string[]): Observable<unknown> {
    const { link, name, ttlMs } = this.#options;
    return from(keys).pipe(mergeMap((key) => link.use(name, (map) => map.setTtl(key, ttlMs)), atOnce));
  }
}

const runOf = (kept: KeptStream, from: number): Run => {
  const events = kept.after(from - 1);
  return { from: events[0]?.place.position ?? kept.last + 1, data: events.map(({ data }) => data) };
};

const sizeOf = ({ data }: Run): number => data.reduce((size, text) => size + text.length, 0);
