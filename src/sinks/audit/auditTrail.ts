import { closeSync, existsSync, openSync } from 'node:fs';
import { chainStart, placeOf, sealLine, type ChainEnd } from '../../protocol/audit/lineChain.js';
import type { LineFile } from './lineFile.js';
import { tailOf } from './tailOf.js';

export interface AuditTrailOptions {
  readonly file: LineFile;
  readonly path: string;
  /** How records are chained; undefined where they are not. */
  readonly chain: { readonly key: Uint8Array | undefined } | undefined;
  /** Told of each record that found no room. */
  readonly onDropped: () => void;
}

/** No record is longer; what ends the file without a line break for longer is none. */
const maxRecordBytes = 1024 * 1024;

/**
 * What has happened, a JSON object a line, each following on the one before. A trail that can't be written for so long that its room is
 * full drops records, and says so in the next one that is kept: nothing is missing silently.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  #end: ChainEnd;
  #dropped = 0;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    const { file, path } = options;
    const tail = file.tail(maxRecordBytes);
    // Whoever was killed while it wrote has left half a record: the next one begins on a line of its own.
    if (tail !== '' && !tail.endsWith('\n')) file.append('');
    this.#end = endOf(tail) ?? endOf(previous(path)) ?? chainStart;
  }

  /** @param fields what to say; `version` comes first, then `time`, which is now where nothing else is said */
  record(fields: object): void {
    const { file, onDropped } = this.#options;
    if (!file.hasRoom) {
      this.#dropped++;
      onDropped();
      return;
    }
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.#write({ kind: 'dropped', count });
    }
    this.#write(fields);
  }

  #write(fields: object): void {
    const { file, chain } = this.#options;
    const text = JSON.stringify({ version: 1, time: new Date().toISOString(), ...fields });
    if (chain === undefined) return file.append(text);
    const { line, end } = sealLine(text, this.#end, chain.key);
    this.#end = end;
    file.append(line);
  }
}

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
