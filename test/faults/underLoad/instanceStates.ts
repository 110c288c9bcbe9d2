import { EventEmitter, once } from 'node:events';
import { silent, type Log } from '../../../src/streams/log.js';
import { within } from '../../support/within.js';

/** How a gateway sees an instance. */
export interface InstanceState {
  readonly breaker: string;
  readonly health: string;
}

/** What a gateway logs of its instances, as events. */
export interface InstanceStates {
  readonly log: Log;
  /** Resolves when the instance at this port is seen so. */
  until(port: number, what: string, isTrue: (state: InstanceState) => boolean): Promise<void>;
}

export const instanceStates = (): InstanceStates => {
  const seen = new Map<string, InstanceState>();
  /** By address. */
  const ids = new Map<string, string>();
  const changes = new EventEmitter();
  const note = (fields: Readonly<Record<string, unknown>>): void => {
    if (fields['event'] === 'instance_added') ids.set(String(fields['address']), String(fields['instance']));
    if (fields['event'] !== 'instance_state') return;
    seen.set(String(fields['instance']), {
      breaker: String(fields['breaker']),
      health: String(fields['health']),
    });
    changes.emit('change');
  };
  return {
    log: { ...silent, debug: note, info: note, warn: note },
    until(port, what, isTrue) {
      const reached = async (): Promise<void> => {
        for (;;) {
          const state = seen.get(ids.get(`127.0.0.1:${port}`) ?? '');
          if (state !== undefined && isTrue(state)) return;
          await once(changes, 'change');
        }
      };
      return within(15_000, `${what} of the instance at port ${port}`, reached());
    },
  };
};
