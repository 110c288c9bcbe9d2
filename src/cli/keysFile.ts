import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { readApiKeys, type RawApiKey } from '../config/readApiKeys.js';
import { replaceFile } from '../stores/replaceFile.js';
import type { Settings } from '../config/settings.js';
import { CliError } from './cliError.js';
import { readConfig } from './readConfig.js';
import type { Terminal } from './terminal.js';

/** The file of hashed keys that a configuration names. */
export interface KeysFile {
  /** As the user would write it. */
  readonly name: string;
  readonly keys: readonly RawApiKey[];
  /** The configuration that names it. */
  readonly settings: Settings;
  /** Writes it anew; comments in it stay. */
  change(edit: (document: Document) => void): Promise<void>;
}

/** @throws CliError where there is none, or it can't be used */
export const keysFile = (config: string, terminal: Terminal): KeysFile => {
  const reading = readConfig(config, terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  const path = reading.settings.auth?.apiKeysFile;
  if (path === undefined)
    throw new CliError(`${reading.file} names no file of keys`, {
      remedy: ['Add to it:  auth: { api_keys: { file: ./keys.yaml } }'],
    });
  const text = textOf(path);
  // The configuration was read with it, and found good.
  const keys = readApiKeys(text);
  if (typeof keys === 'string') throw new CliError(`The file of keys can not be used: ${keys}`);
  const nearby = relative(terminal.cwd, path);
  return {
    name: nearby.startsWith('..') ? path : nearby,
    keys,
    settings: reading.settings,
    async change(edit) {
      const document = parseDocument(text.trim() === '' ? head : text);
      edit(document);
      try {
        await replaceFile(path, document.toString());
      } catch (error) {
        const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
        throw new CliError(`The file of keys can not be written (${code})`, { cause: error });
      }
    },
  };
};

const head =
  '# Hashed API keys: made by `sluice keys create`, taken out by `sluice keys revoke`.\nkeys: []\n';

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // no key has been made yet
    throw error;
  }
};
