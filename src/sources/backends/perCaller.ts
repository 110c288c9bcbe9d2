import { merge, Subject, takeUntil } from 'rxjs';
import type { Backend, Completion } from '../../streams/backend.js';
import { CallerPool, type CallerPoolOptions } from './callerPool.js';

export interface PerCallerOptions {
  /** What is spoken to in the gateway's own name: for what it offers, and whether it is alive. */
  readonly own: Backend;
  /** Connects for one caller. */
  readonly connect: CallerPoolOptions<Backend>['make'];
}

/**
 * A server that is used in the name of each caller: connections, sessions and credentials of one are not shared with another.
 *
 * The lists, pings and subscriptions to resources are the gateway's own.
 */
export const perCaller = ({ own, connect }: PerCallerOptions): Backend => {
  const completed = new Subject<Completion>();
  const closed = new Subject<void>();
  const closing = new Set<Promise<void>>();
  const letGo = (backend: Backend): void => {
    const over: Promise<void> = backend.close(0).finally(() => closing.delete(over));
    closing.add(over);
  };
  const pool = new CallerPool<Backend>({
    make(key, caller, principalId) {
      const backend = connect(key, caller, principalId);
      backend.completed$
        .pipe(takeUntil(closed))
        .subscribe((each) => completed.next({ ...each, principalId }));
      return backend;
    },
    close: letGo,
  });

  return {
    ...own,
    invoke: (call) =>
      call.caller === undefined ? own.invoke(call) : pool.use(call.caller, (backend) => backend.invoke(call)),
    completed$: merge(own.completed$, completed),
    async close(graceMs) {
      await Promise.all([own, ...pool.clear()].map((backend) => backend.close(graceMs)));
      await Promise.all(closing);
      closed.next();
      closed.complete();
      completed.complete();
    },
  };
};
