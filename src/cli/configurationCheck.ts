import { basename, dirname, resolve } from 'node:path';
import { ConfigError, type Diagnostic } from '../config/configError.js';
import { loadSettings } from '../config/load.js';
import type { Terminal } from './terminal.js';

/** Says what would be wrong with a text in the place of a configuration file, as `sluice check` does of the file. @param file as on the command line */
export const configurationCheck = (
  file: string,
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
): ((text: string) => readonly Diagnostic[]) => {
  const path = resolve(cwd, file);
  return (text) => {
    try {
      loadSettings(text, { file: basename(path), env, baseDir: dirname(path) });
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.diagnostics;
      throw error;
    }
  };
};
