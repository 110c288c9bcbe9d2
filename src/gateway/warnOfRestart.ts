import type { Settings } from '../config/settings.js';
import type { Log } from '../streams/log.js';
import { needRestart } from './needRestart.js';

/** Says which keys of a changed configuration wait for a restart. */
export const warnOfRestart = (first: Settings, next: Settings, log: Log): void => {
  for (const key of needRestart(first, next))
    log.warn(
      { event: 'restart_needed', key },
      `A changed ${key} takes effect when the gateway is started anew`,
    );
};
