import type { Settings } from '../config/settings.js';
import type { GuardOptions } from '../sources/http/guard.js';

/** Which hosts and origins a listener answers to, by the settings. */
export const guardOf = ({ http, listen }: Settings): GuardOptions => ({
  allowedOrigins: http.allowedOrigins,
  allowedHosts: [...http.allowedHosts, listen.host.toLowerCase()],
});
