import { BehaviorSubject } from 'rxjs';
import type { Instance, Instances } from '../../../src/streams/serverState.js';

/** Instances of a server, and how they become others. */
export const changingInstances = (first: readonly Instance[]) => {
  const list = new BehaviorSubject(first);
  const instances: Instances = {
    server: 'server',
    stale: undefined,
    get current() {
      return list.value;
    },
    changes$: list.asObservable(),
  };
  return { instances, become: (...next: readonly Instance[]) => list.next(next) };
};
