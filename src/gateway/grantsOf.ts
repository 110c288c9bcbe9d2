import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/settings.js';
import { fileGrants } from '../stores/fileGrants.js';
import type { GrantStore } from '../streams/grants.js';
import type { Latest } from '../streams/latest.js';
import { perSettings } from './perSettings.js';

/**
 * The file with the tokens of servers, following the configuration: the same for `sluice authorize` and for the gateways that use
 * what it wrote. Nothing is read or written before a server wants a token.
 */
export const grantsOf = (settings: Latest<Settings>): GrantStore => {
  const file = perSettings(settings, ({ oauth, state }) => {
    const [newest, ...older] = state.keys.map((key) => key.reveal());
    return fileGrants({
      path: oauth?.state ?? join(stateFolder(process.env), 'oauth.json'),
      secrets: newest === undefined ? undefined : [newest, ...older],
    });
  });
  return {
    read: (key) => file.current.read(key),
    write: (key, record) => file.current.write(key, record),
  };
};

/** The user's folder for what programs remember (XDG Base Directory), or what comes closest. */
const stateFolder = ({ XDG_STATE_HOME: state, LOCALAPPDATA: local }: NodeJS.ProcessEnv): string => {
  if (state !== undefined && state !== '') return join(state, 'sluice');
  return process.platform === 'win32' && local !== undefined
    ? join(local, 'sluice')
    : join(homedir(), '.local', 'state', 'sluice');
};
