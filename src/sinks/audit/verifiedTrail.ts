import { createReadStream } from 'node:fs';
import {
  chainStart,
  lineFault,
  placeOf,
  type FileBeginning,
  type LineFault,
  type Place,
} from '../../protocol/audit/lineChain.js';
import { numberedLines } from '../../protocol/numberedLines.js';
import { filesOfTrail } from './filesOfTrail.js';

/** Something in a trail that is not as it was written. */
export interface TrailFault {
  readonly file: string;
  /** From 1; 0 for a file that is not there. */
  readonly line: number;
  /** `missing`: the file. `beginning`: the oldest record is not the first, and what was before it is not gone by rotation. */
  readonly fault: LineFault | 'missing' | 'beginning';
  /** Half a record that the chain goes on after as if it had never been: nothing was taken away. */
  readonly isHarmless: boolean;
}

/** What was found in a trail. */
export interface VerifiedTrail {
  /** The files it is in, the oldest first. */
  readonly files: readonly string[];
  readonly records: number;
  /** The number of the first record that is left. */
  readonly first: number;
  readonly last: Place | undefined;
  /** At most {@link maxFaults}. */
  readonly faults: readonly TrailFault[];
}

/** More are not worth telling one by one. */
const maxFaults = 100;
/** Longest line that is looked at, in characters. */
const maxLine = 32 * 1024 * 1024;

/** Reads a trail, with the files put aside before it (`path.1` …), in constant memory, and looks whether it is as it was written. */
export const verifiedTrail = async (path: string, key: Uint8Array | undefined): Promise<VerifiedTrail> => {
  const { files, missing } = filesOfTrail(path);
  const reading = new Reading(key);
  for (const file of files) {
    const gap = missing.get(file);
    if (gap !== undefined) reading.miss(gap);
    for await (const { number, text } of numberedLines(createReadStream(file), maxLine))
      reading.read(file, number, text);
  }
  if (missing.get(path) === path) reading.miss(path);
  return { files, ...reading.end() };
};

/** What has been read of a trail so far. */
class Reading {
  readonly #key: Uint8Array | undefined;
  readonly #faults: TrailFault[] = [];
  #records = 0;
  #first: (Place & { readonly file: string; readonly line: number }) | undefined;
  #last: Place | undefined;
  /** Nothing is known of what the next record follows on. */
  #isAfterGap = true;
  /** What the newest file says. */
  #begins: FileBeginning | undefined;
  /** No whole record, of which it is not known yet whether it is what a killed gateway has left. */
  #open: { readonly file: string; readonly line: number; readonly text: string } | undefined;

  constructor(key: Uint8Array | undefined) {
    this.#key = key;
  }

  /** A file that is not there. */
  miss(file: string): void {
    this.#tell(file, 0, 'missing');
    this.#isAfterGap = true;
  }

  read(file: string, line: number, text: string | undefined): void {
    const place = text === undefined ? undefined : placeOf(text);
    if (text === undefined || place === undefined) {
      this.#close(false);
      this.#open = { file, line, text: text ?? '' };
      return;
    }
    const start = place.seq === 1 ? chainStart : undefined;
    const fault = lineFault(text, this.#isAfterGap ? start : this.#last, this.#key);
    this.#close(fault === undefined && place.afterHalf === this.#open?.text.length);
    if (fault !== undefined) this.#tell(file, line, fault);
    this.#isAfterGap = false;
    this.#last = place;
    this.#records++;
    this.#first ??= { ...place, file, line };
    if (fault === undefined) this.#begins = place.begins ?? this.#begins;
  }

  end(): Omit<VerifiedTrail, 'files'> {
    // At the very end it is what a killed gateway leaves.
    this.#close(true);
    const first = this.#first;
    if (first !== undefined && !this.#isBeginning(first)) this.#tell(first.file, first.line, 'beginning');
    return { records: this.#records, first: first?.seq ?? 0, last: this.#last, faults: this.#faults };
  }

  /** Whether nothing is missing before the oldest record: it is the first, or begins a file after those that rotation has removed. */
  #isBeginning({ seq, begins }: Place): boolean {
    return seq === 1 || (begins !== undefined && begins.file <= (this.#begins?.gone ?? 0) + 1);
  }

  /** @param isExplained whether a killed gateway may have left it; what is JSON is no half of anything */
  #close(isExplained: boolean): void {
    if (this.#open === undefined) return;
    const { file, line, text } = this.#open;
    this.#tell(file, line, 'incomplete', isExplained && isHalf(text));
    this.#open = undefined;
  }

  #tell(file: string, line: number, fault: TrailFault['fault'], isHarmless = false): void {
    if (this.#faults.length < maxFaults) this.#faults.push({ file, line, fault, isHarmless });
  }
}

const isHalf = (text: string): boolean => {
  try {
    JSON.parse(text);
    return false;
  } catch {
    // As it is with half of an object.
    return text.startsWith('{');
  }
};
