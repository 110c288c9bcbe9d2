import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/settings.js';
import { bannerScreen } from './bannerScreen.js';
import type { Terminal } from './terminal.js';

/** A key to the console for one run, where the configuration has no way in and a person reads the terminal: it is shown there only. */
export const runKeyFor = (settings: Settings, terminal: Terminal): string | undefined => {
  const { keys, oidc } = settings.admin;
  if (keys.length > 0 || oidc !== undefined || bannerScreen(settings, terminal).isTTY !== true)
    return undefined;
  return randomBytes(24).toString('base64url');
};
