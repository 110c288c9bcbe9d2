import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { keyBytes } from './keyBytes.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';

/** More keys than this are no rotation any more: each is tried, and derived, on its own. */
const maxKeys = 16;
/** A file of keys, with room for comments. */
const maxFileBytes = 64 * 1024;

/**
 * The secrets under `state`, the newest first, from the configuration or the file it names. Empty entries are left out: a variable
 * for the older key may be unset.
 *
 * @param baseDir what a relative `keys_file` starts from
 * @returns none where there is anything wrong, which goes to the report without a word of what was written
 */
export const loadKeys = ({ state = {} }: RawConfig, baseDir: string, report: Report): readonly Secret[] => {
  if (!report.sound('/state')) return [];
  const { keys, keys_file: file } = state;
  if (keys !== undefined && file !== undefined) {
    report.add('/state/keys_file', '`state` has both `keys` and `keys_file`', 'Keep one of them', 'key');
    return [];
  }
  if (file === undefined) return secrets(keys ?? [], '/state/keys', report);
  const lines = linesOf(resolve(baseDir, file), report);
  return lines === undefined ? [] : secrets(lines, '/state/keys_file', report);
};

const secrets = (texts: readonly string[], pointer: string, report: Report): readonly Secret[] => {
  const written = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (written.length > maxKeys) {
    report.add(pointer, `There are more than ${maxKeys} keys`, 'Remove the oldest');
    return [];
  }
  const found = written.map(keyBytes);
  const bad = found.indexOf(undefined);
  if (bad !== -1) {
    report.add(
      pointer,
      `Key ${bad + 1} is no secret of at least 32 bytes as hex, base64 or base64url`,
      'Make one with `openssl rand -base64 32`',
    );
    return [];
  }
  return found.flatMap((bytes) => (bytes === undefined ? [] : [new Secret(bytes)]));
};

const linesOf = (path: string, report: Report): readonly string[] | undefined => {
  const refuse = (why: string): undefined =>
    void report.add(
      '/state/keys_file',
      `The file of keys ${why}`,
      'Name a file with a key a line, the newest first, that only the gateway may read',
    );
  try {
    // A device or a pipe would never end.
    if (!statSync(path).isFile()) return void refuse('is no regular file');
    const text = readFileSync(path, 'utf8');
    if (text.length > maxFileBytes) return void refuse('is longer than 64 KiB');
    const lines = text.split('\n').filter((line) => !line.trim().startsWith('#'));
    // An editor that empties the file before it writes must not make a gateway that has forgotten its keys.
    return lines.every((line) => line.trim() === '') ? void refuse('holds no key') : lines;
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    return void refuse(code === 'ENOENT' ? 'does not exist' : `can not be read (${code})`);
  }
};
