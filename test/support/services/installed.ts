import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Unavailable } from './unavailable.js';

/**
 * The path of a program that is installed here.
 *
 * @param service what it is called in messages
 * @param names it may go by, the best first
 * @param hint how to install it
 * @throws Unavailable where it is not
 */
export const installed = async (service: string, names: readonly string[], hint: string): Promise<string> => {
  for (const name of names)
    for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
      const program = join(folder, name);
      const isThere = await access(program).then(
        () => true,
        () => false, // Not in this folder.
      );
      if (isThere) return program;
    }
  throw new Unavailable(service, `it is not installed: ${hint}`);
};
