import type { Settings } from '../config/settings.js';
import { fileGrants } from '../stores/fileGrants.js';
import type { GrantStore } from '../streams/grants.js';
import type { Latest } from '../streams/latest.js';
import { grantsPath } from './grantsPath.js';
import { perSettings } from './perSettings.js';

/**
 * The file with the tokens of servers, following the configuration: the same for `sluice authorize` and for the gateways that use
 * what it wrote. Nothing is read or written before a server wants a token.
 */
export const grantsOf = (settings: Latest<Settings>): GrantStore => {
  const file = perSettings(settings, ({ oauth, state }) => {
    const [newest, ...older] = state.keys.map((key) => key.reveal());
    return fileGrants({
      path: grantsPath({ oauth }),
      secrets: newest === undefined ? undefined : [newest, ...older],
    });
  });
  return {
    read: (key) => file.current.read(key),
    write: (key, record) => file.current.write(key, record),
  };
};
