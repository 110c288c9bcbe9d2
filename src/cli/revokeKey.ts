import { CliError } from './cliError.js';
import { keysFile } from './keysFile.js';
import type { Terminal } from './terminal.js';

/** Takes a key out of the file. @throws CliError for one that is not in it */
export const revokeKey = async (
  given: string,
  { config }: { readonly config: string },
  terminal: Terminal,
): Promise<void> => {
  const file = keysFile(config, terminal);
  // Whoever found a key somewhere has the key, not its id.
  const id = /^slk_([A-Za-z0-9]{12})_/.exec(given)?.[1] ?? given;
  const index = file.keys.findIndex((key) => key.id === id);
  if (index === -1)
    throw new CliError(`There is no key with this id in ${file.name}`, {
      remedy: ['`sluice keys list` shows those there are.'],
    });
  await file.change((document) => document.deleteIn(['keys', index]));
  terminal.stdout.write(`${id} is revoked: a running gateway refuses it within seconds.\n`);
};
