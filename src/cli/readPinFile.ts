import { readFileSync } from 'node:fs';
import { readPins, type Pins } from '../protocol/integrity/pins.js';
import { CliError } from './cliError.js';

/** The pins in a file; undefined where there is no file. Throws a `CliError` for one that can't be read. */
export const readPinFile = (path: string): Pins | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`The file of pins ${path} can not be read`, { cause: error });
  }
  try {
    return readPins(text);
  } catch (error) {
    throw new CliError(`${path} is no file of pins`, {
      cause: error,
      remedy: ['Put an older version back, or remove it and approve everything anew.'],
    });
  }
};
