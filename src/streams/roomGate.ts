import {
  asyncScheduler,
  defer,
  first,
  ignoreElements,
  interval,
  share,
  throwError,
  timeout,
  type Observable,
  type SchedulerLike,
} from 'rxjs';

export interface RoomGateOptions {
  /** How full the fullest place is, 0 to 1. */
  readonly fill: () => number;
  /** How long somebody waits for room, in milliseconds. */
  readonly waitMs: number;
  /** What is told to whoever has waited in vain. */
  readonly refusal: () => Error;
  readonly scheduler?: SchedulerLike;
}

/** So full it closes: what is under way already finds room in the rest. */
const closesAt = 0.75;
const opensAt = 0.5;
/** How often those who wait look again, in milliseconds; one clock for all of them. */
const lookMs = 25;

/**
 * Lets nothing begin while there is little room for what has to be kept of it.
 *
 * @returns undefined while there is room; else an Observable that completes when there is, or errors when that takes too long
 */
export const roomGate = ({
  fill,
  waitMs,
  refusal,
  scheduler = asyncScheduler,
}: RoomGateOptions): (() => Observable<never> | undefined) => {
  let isOpen = true;
  const look = (): boolean => (isOpen = fill() < (isOpen ? closesAt : opensAt));
  const opened$ = interval(lookMs, scheduler).pipe(first(look), ignoreElements(), share());
  const waiting$ = defer(() => opened$).pipe(
    timeout({ each: waitMs, scheduler, with: () => throwError(refusal) }),
  );
  return () => (look() ? undefined : waiting$);
};
