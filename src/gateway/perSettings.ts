import type { Settings } from '../config/settings.js';
import { select, type Latest } from '../streams/latest.js';

/** What one part needs of the settings, worked out once per configuration and read for every request. */
export const perSettings: <T>(settings: Latest<Settings>, project: (current: Settings) => T) => Latest<T> =
  select;
