import type { Settings } from '../config/settings.js';

/** Pace of the clock of open streams; heartbeats and limits for slow clients are kept to within this. */
export const tickMs = (settings: Settings): number =>
  Math.min(1000, settings.http.heartbeatMs / 2, settings.http.slowClientTimeoutMs / 2);
