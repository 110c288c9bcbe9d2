import { distinctUntilChanged, map } from 'rxjs';
import type { Settings } from '../../config/settings.js';
import { latest, type Latest, type LiveLatest } from '../../streams/latest.js';
import { needRestart } from '../needRestart.js';

/** What is to be said of the configuration, as the console is told it. */
export interface ConfigurationChange {
  /** When it was last read and taken: ISO 8601. */
  readonly changed_at: string;
  /** Keys whose new values wait for a restart. */
  readonly restart_needed: readonly string[];
}

/**
 * When the configuration changed, and what of it waits for a restart: noted with each change, whether somebody asks or not.
 *
 * @param configured the configuration without what was discovered
 * @param now epoch milliseconds
 */
export const configurationChange = (
  configured: Latest<Settings>,
  now: () => number,
): LiveLatest<ConfigurationChange> => {
  const first = configured.current;
  const noted = (settings: Settings): ConfigurationChange => ({
    changed_at: new Date(now()).toISOString(),
    restart_needed: needRestart(first, settings),
  });
  return latest(configured.changes$.pipe(distinctUntilChanged(), map(noted)), noted(first));
};
