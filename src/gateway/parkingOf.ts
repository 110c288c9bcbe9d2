import { asyncScheduler } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { Latest } from '../streams/latest.js';
import { Parking } from '../streams/parking.js';

/** Where calls wait for their clients, within the bounds of the moment: `state.ttl` and `streams.parked`. */
export const parkingOf = (settings: Latest<Settings>): Parking =>
  new Parking({
    get ttlMs() {
      return settings.current.state.ttlMs;
    },
    get max() {
      return settings.current.streams.parked;
    },
    scheduler: asyncScheduler,
  });
