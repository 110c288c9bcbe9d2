import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { ConfigError } from '../config/configError.js';
import { loadSettings } from '../config/load.js';
import { CliError } from './cliError.js';
import { badReading, type ConfigReading } from './configReading.js';
import type { Terminal } from './terminal.js';

/**
 * Reads and checks a configuration file.
 *
 * @param path as given on the command line
 * @returns the settings, or everything that is wrong with the file
 * @throws CliError when the file can not be read
 */
export const readConfig = (path: string, { cwd, env }: Pick<Terminal, 'cwd' | 'env'>): ConfigReading => {
  const absolute = resolve(cwd, path);
  const nearby = relative(cwd, absolute);
  const file = nearby.length < absolute.length && nearby !== '' ? nearby : absolute;
  const text = readText(absolute, file);
  try {
    return { file, settings: loadSettings(text, { file, env, baseDir: dirname(absolute) }) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return badReading(file, error.diagnostics);
  }
};

const readText = (absolute: string, file: string): string => {
  try {
    return readFileSync(absolute, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new CliError(`There is no configuration file ${file}`, {
        cause: error,
        remedy: [
          'Name one with -c FILE. The smallest that works:',
          '',
          '  servers:',
          '    search: { url: http://127.0.0.1:9102/mcp }',
        ],
      });
    const reason =
      code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'reading it is not allowed' : code;
    throw new CliError(`The configuration file ${file} can not be read: ${reason}`, { cause: error });
  }
};
