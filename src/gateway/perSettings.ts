import { map } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { Latest } from '../streams/latest.js';

/** What one part needs of the settings, worked out once per configuration and read for every request. */
export const perSettings = <T>(settings: Latest<Settings>, project: (current: Settings) => T): Latest<T> => {
  let from: Settings | undefined;
  let to: T | undefined;
  return {
    get current() {
      if (to === undefined || from !== settings.current) {
        from = settings.current;
        to = project(from);
      }
      return to;
    },
    changes$: settings.changes$.pipe(map(project)),
  };
};
