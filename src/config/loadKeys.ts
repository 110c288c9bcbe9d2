import { keyBytes } from './keyBytes.js';
import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';

/** More keys than this are no rotation any more: each is tried, and derived, on its own. */
const maxKeys = 16;

/**
 * The secrets under `state`, the newest first, from the configuration or the file it names. Empty entries are left out: a variable
 * for the older key may be unset.
 *
 * @returns none where there is anything wrong, which goes to the report without a word of what was written
 */
export const loadKeys = (
  { state = {} }: RawConfig,
  files: NeededFiles,
  report: Report,
): readonly Secret[] => {
  if (!report.sound('/state')) return [];
  const { keys, keys_file: file } = state;
  if (keys !== undefined && file !== undefined) {
    report.add('/state/keys_file', '`state` has both `keys` and `keys_file`', 'Keep one of them', 'key');
    return [];
  }
  if (file === undefined) return secrets(keys ?? [], '/state/keys', report);
  const lines = linesOf(file, files, report);
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

const linesOf = (file: string, files: NeededFiles, report: Report): readonly string[] | undefined => {
  const text = files.read('/state/keys_file', file, 'a key a line, the newest first');
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('#'));
  if (lines.some((line) => line.trim() !== '')) return lines;
  // An editor that empties the file before it writes must not make a gateway that has forgotten its keys.
  report.add('/state/keys_file', 'The file holds no key', 'Write a key a line into it, the newest first');
  return undefined;
};
