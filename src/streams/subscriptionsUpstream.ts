import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  of,
  retry,
  skip,
  throwError,
  timeout,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { fromUnknown, refusal, type GatewayError } from '../protocol/errors.js';
import type { Backend } from './backend.js';
import type { Instance, Instances } from './serverState.js';
import { whileListed } from './whileListed.js';

/** What becomes of a watch. `updated` names the resource that has changed, perhaps a part of the watched one. */
export type WatchEvent =
  | { readonly kind: 'watching' }
  | { readonly kind: 'refused'; readonly error: GatewayError }
  | { readonly kind: 'updated'; readonly uri: string };

export interface WatchInstancesOptions {
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  readonly scheduler: SchedulerLike;
}

/** How long an instance may take to begin watching, in milliseconds. */
const beginMs = 30_000;

/** The instance can't be reached; it is tried again. */
type InstanceEvent = WatchEvent | { readonly kind: 'failed' };

/**
 * Watches a resource on all instances of a server: any of them may be the one where it changes.
 *
 * `watching` when each has begun, refused or failed for now, and one has begun at least; `refused` when all refuse. An instance
 * that was away and is back may have missed something, as one that is new: `updated`.
 */
export const watchInstances = (
  instances: Instances,
  uri: string,
  options: WatchInstancesOptions,
): Observable<WatchEvent> =>
  defer(() => {
    const states = new Map<Instance, InstanceEvent['kind']>();
    let told = false;
    /** Undefined for an instance that is gone, whose going may be what the others have waited for. */
    const judge = (event?: WatchEvent): WatchEvent | undefined => {
      if (told || states.size < instances.current.length) return undefined;
      const kinds = [...states.values()];
      told = kinds.includes('watching');
      if (told) return { kind: 'watching' };
      return event?.kind === 'refused' && kinds.every((kind) => kind === 'refused') ? event : undefined;
    };
    const heard = (instance: Instance, event: InstanceEvent): WatchEvent | undefined => {
      if (event.kind === 'updated') return event;
      states.set(instance, event.kind);
      if (told) return event.kind === 'watching' ? { kind: 'updated', uri } : undefined;
      return judge(event.kind === 'failed' ? undefined : event);
    };
    const ofInstance = (instance: Instance): Observable<WatchEvent | undefined> =>
      watchInstance(instance.backend, uri, options).pipe(
        map((event) => heard(instance, event)),
        finalize(() => states.delete(instance)),
      );
    return merge(
      instances.changes$.pipe(whileListed(ofInstance)),
      instances.changes$.pipe(
        skip(1),
        map(() => judge()),
      ),
    ).pipe(filter((event) => event !== undefined));
  });

const watchInstance = (
  backend: Backend,
  uri: string,
  { backoff, scheduler }: WatchInstancesOptions,
): Observable<InstanceEvent> =>
  defer(() => {
    let failures = 0;
    const pause = (): Observable<unknown> => {
      const full = Math.min(backoff.firstMs * 2 ** failures++, backoff.maxMs);
      return timer(full / 2 + (Math.random() * full) / 2, scheduler);
    };
    const begin$ = defer(() => backend.watch(uri)).pipe(
      timeout({ first: beginMs, scheduler, with: () => throwError(tookTooLong) }),
      map((): InstanceEvent => {
        failures = 0;
        return { kind: 'watching' };
      }),
      catchError((caught: unknown) => {
        const error = fromUnknown(caught);
        return isForGood(error)
          ? of<InstanceEvent>({ kind: 'refused', error })
          : concat(
              of<InstanceEvent>({ kind: 'failed' }),
              throwError(() => error),
            );
      }),
      retry({ delay: pause }),
    );
    const updated$ = backend.updated$.pipe(
      mergeMap((changed) =>
        covers(uri, changed) ? of<InstanceEvent>({ kind: 'updated', uri: changed }) : EMPTY,
      ),
    );
    // Heard before it is asked for: the first change may come with the answer.
    return merge(updated$, begin$);
  });

const isForGood = ({ code }: GatewayError): boolean =>
  code === 'ERR_METHOD_UNSUPPORTED' || code === 'ERR_RESOURCE_UNKNOWN';

/** A server may name the part of a resource that has changed (`notifications/resources/updated`). */
const covers = (watched: string, changed: string): boolean =>
  changed === watched ||
  (changed.startsWith(watched) && (watched.endsWith('/') || /[/?#]/.test(changed.charAt(watched.length))));

const tookTooLong = (): GatewayError =>
  refusal('ERR_UPSTREAM_TIMEOUT', 'The backend did not begin to watch a resource in time');
