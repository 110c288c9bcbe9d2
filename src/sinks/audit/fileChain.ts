import { closeSync, existsSync, openSync } from 'node:fs';
import { chainStart, placeOf, sealLine, type ChainEnd } from '../../protocol/audit/lineChain.js';
import type { LineFile } from './lineFile.js';
import { tailOf } from './tailOf.js';

/** No record is longer; what ends the file without a line break for longer is none. */
const maxRecordBytes = 1024 * 1024;

/**
 * Goes on with the chain of a file, or of the one that was put aside last.
 *
 * @param key makes the hashes; undefined for hashes that everybody can make
 * @returns seals one record after the other
 */
export const fileChain = (
  file: LineFile,
  path: string,
  key: Uint8Array | undefined,
): ((text: string) => string) => {
  const tail = file.tail(maxRecordBytes);
  let end = endOf(tail) ?? endOf(previous(path)) ?? chainStart;
  return (text) => {
    const sealed = sealLine(text, end, key);
    end = sealed.end;
    return sealed.line;
  };
};

/** Where the last whole record of a text stands. */
const endOf = (text: string): ChainEnd | undefined => {
  for (const line of text.split('\n').reverse()) {
    const place = placeOf(line);
    if (place !== undefined) return place;
  }
  return undefined;
};

/** What the file that was put aside last ends with. */
const previous = (path: string): string => {
  const aside = `${path}.1`;
  if (!existsSync(aside)) return '';
  const fd = openSync(aside, 'r');
  try {
    return tailOf(fd, maxRecordBytes);
  } finally {
    closeSync(fd);
  }
};
