import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import {
  chainStart,
  placeOf,
  sealLine,
  type ChainEnd,
  type FileBeginning,
} from '../../protocol/audit/lineChain.js';
import type { Seal } from './lineFile.js';
import { tailOf } from './tailOf.js';

/** No record is longer; what ends the file without a line break for longer is none. */
const maxRecordBytes = 1024 * 1024;

export interface FileChainOptions {
  readonly path: string;
  /** Makes the hashes; undefined for hashes that everybody can make. */
  readonly key: Uint8Array | undefined;
  /** How many files are kept aside: those that were there before have been removed in good order. */
  readonly keep: number;
}

/** Goes on with the chain of a file, or of the one that was put aside last; gives what seals one record after the other. */
export const fileChain = ({ path, key, keep }: FileChainOptions): Seal => {
  const current = readEnds(path);
  const before = readEnds(`${path}.1`);
  let end = current.end ?? before.end ?? chainStart;
  let { file, gone } = current.begins ?? before.begins ?? { file: current.isEmpty ? 0 : 1, gone: 0 };
  // An empty file is one that was begun and not written to.
  if (current.isEmpty) gone = Math.max(gone, ++file - 1 - keep);
  /** As the file was found: what its first record is to say. */
  const found = current.isEmpty ? { begins: { file, gone } } : { afterHalf: current.half };
  return (text, opening) => {
    if (opening === 'put_aside' || opening === 'lost') file++;
    if (opening === 'put_aside') gone = Math.max(gone, file - 1 - keep);
    const standing = opening === undefined ? {} : opening === 'found' ? found : { begins: { file, gone } };
    const sealed = sealLine(text, end, key, standing);
    end = sealed.end;
    return sealed.line;
  };
};

interface Ends {
  readonly isEmpty: boolean;
  /** What its first record says. */
  readonly begins?: FileBeginning | undefined;
  /** Where its last whole record stands. */
  readonly end?: ChainEnd | undefined;
  /** Length of the half record that it ends with. */
  readonly half?: number | undefined;
}

/** Reads how a file begins and ends, and no more of it. */
const readEnds = (path: string): Ends => {
  if (!existsSync(path) || !statSync(path).isFile()) return { isEmpty: true };
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(maxRecordBytes);
    const [first = ''] = head.toString('utf8', 0, readSync(fd, head, 0, maxRecordBytes, 0)).split('\n', 1);
    const lines = tailOf(fd, maxRecordBytes).split('\n').reverse();
    const [open = ''] = lines;
    const ends = lines.map(placeOf);
    return {
      isEmpty: first === '' && lines.length === 1,
      begins: placeOf(first)?.begins,
      end: ends.find((place) => place !== undefined),
      half: open === '' || ends[0] !== undefined ? undefined : open.length,
    };
  } finally {
    closeSync(fd);
  }
};
