import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { ConfigError, type Diagnostic } from '../config/configError.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { CliError } from './cliError.js';
import type { Terminal } from './terminal.js';

interface GoodReading {
  /** As the user would write it: relative to where they stand, if that is shorter. */
  readonly file: string;
  readonly settings: Settings;
}

interface BadReading {
  readonly file: string;
  readonly settings?: undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Every diagnostic as `file:line:column: message` and its remedy beneath. */
  readonly text: string;
  /** `3 problems in gateway.yaml` */
  readonly count: string;
}

export type ConfigReading = GoodReading | BadReading;

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
    const { diagnostics } = error;
    const count = `${diagnostics.length} ${diagnostics.length === 1 ? 'problem' : 'problems'} in ${file}`;
    return { file, diagnostics, text: diagnostics.map(asText).join('\n'), count };
  }
};

const asText = ({ file, line, column, message, remedy }: Diagnostic): string =>
  `${file}:${line}:${column}: ${message}${remedy === '' ? '' : `\n    ${remedy}`}`;

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
