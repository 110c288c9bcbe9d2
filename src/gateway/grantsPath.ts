import { homedir } from 'node:os';
import { join } from 'node:path';

/** The file with the tokens of servers: as configured, or in the user's folder for state. What else is kept of them is beside it. */
export const grantsPath = ({ oauth }: { readonly oauth?: { readonly state?: string } | undefined }): string =>
  oauth?.state ?? join(stateFolder(process.env), 'oauth.json');

/** The user's folder for what programs remember (XDG Base Directory), or what comes closest. */
const stateFolder = ({ XDG_STATE_HOME: state, LOCALAPPDATA: local }: NodeJS.ProcessEnv): string => {
  if (state !== undefined && state !== '') return join(state, 'sluice');
  return process.platform === 'win32' && local !== undefined
    ? join(local, 'sluice')
    : join(homedir(), '.local', 'state', 'sluice');
};
