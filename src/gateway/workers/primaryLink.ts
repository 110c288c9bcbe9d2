import { filter, map, Observable, share } from 'rxjs';
import type { Wire } from '../../stores/workers/bookLink.js';
import { isOrder, type Order, type Told } from './messages.js';

/** A worker's way to the first process. */
export interface PrimaryLink {
  readonly orders$: Observable<Order>;
  /** False where it can not be told now. @param sent called when it has left, or can't any more */
  tell(told: Told, sent?: () => void): boolean;
  /** For the stores. */
  readonly wire: Wire;
}

/** Messages that may wait for the first process; beyond, what is asked of it is refused. */
const maxUnsent = 20_000;

/** Opens it; undefined in a process that nobody has started as a worker. */
export const primaryLink = (): PrimaryLink | undefined => {
  if (process.send === undefined) return undefined;
  let unsent = 0;
  const send = (told: Told, sent?: () => void): boolean => {
    if (!process.connected || unsent >= maxUnsent) return false;
    unsent++;
    // Its end is this process's end too, and told by itself.
    process.send?.(told, undefined, undefined, () => {
      unsent--;
      sent?.();
    });
    return true;
  };
  const orders$ = messages$.pipe(filter(isOrder), share());
  return {
    orders$,
    tell: send,
    wire: {
      send: (store) => send({ store }),
      messages$: orders$.pipe(
        filter((order) => 'store' in order),
        map(({ store }) => store),
      ),
    },
  };
};

/** `fromEvent` would give arrays: a handle may come with a message. */
const messages$ = new Observable<unknown>((subscriber) => {
  const take = (message: unknown): void => subscriber.next(message);
  process.on('message', take);
  return () => process.off('message', take);
});
