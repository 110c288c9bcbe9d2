import type { Settings } from '../config/settings.js';
import type { GuardOptions } from '../sources/http/guard.js';

/** Which hosts and origins a listener answers to, by the settings: the configured ones, the address listened on, the one that clients see. */
export const guardOf = ({ http, listen }: Settings): GuardOptions => ({
  allowedOrigins: http.allowedOrigins,
  allowedHosts: [
    ...http.allowedHosts,
    listen.host.toLowerCase(),
    ...(listen.publicOrigin === undefined ? [] : [new URL(listen.publicOrigin).hostname]),
  ],
});
