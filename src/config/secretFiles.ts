import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';
import { secretLine } from './secretLine.js';

/**
 * What holds `key`, or `KEY_file` with the name of a file: the same with what the file holds under `key`.
 *
 * @param pointer of the holder
 * @param what it should hold, as the remedy says it
 */
export type WithFile = <
  K extends string,
  R extends Partial<Readonly<Record<K | `${K}_file`, string | undefined>>>,
>(
  raw: R,
  key: K,
  pointer: string,
  what: string,
) => R;

/** Puts secrets that stand in files in the place of their names. Where something is wrong, the report says so. */
export const secretFiles = (files: NeededFiles, report: Report): WithFile => {
  const line = secretLine(files, report);
  return (raw, key, pointer, what) => {
    const file = raw[`${key}_file`];
    if (file === undefined) return raw;
    const at = `${pointer}/${key}_file`;
    if (raw[key] !== undefined)
      report.add(at, `\`${key}\` and \`${key}_file\` say the same`, 'Keep one of them', 'key');
    const secret = line(at, file, what);
    return secret === undefined ? raw : { ...raw, [key]: secret };
  };
};
