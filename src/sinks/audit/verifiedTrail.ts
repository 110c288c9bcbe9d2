import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { lineFault, placeOf, type ChainEnd, type LineFault } from '../../protocol/audit/lineChain.js';

/** Something in a trail that is not as it was written. */
export interface TrailFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly fault: LineFault;
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
  readonly last: ChainEnd | undefined;
  /** At most {@link maxFaults}. */
  readonly faults: readonly TrailFault[];
}

/** More are not worth telling one by one. */
const maxFaults = 100;

/** Reads a trail, with the files put aside before it (`path.1` …), in constant memory, and looks whether it is as it was written. */
export const verifiedTrail = async (path: string, key: Uint8Array | undefined): Promise<VerifiedTrail> => {
  const files = filesOf(path);
  const faults: TrailFault[] = [];
  let records = 0;
  let first = 0;
  let last: ChainEnd | undefined;
  /** Half a record of which it is not known yet whether anything is missing. */
  let open: Omit<TrailFault, 'isHarmless'> | undefined;
  const tell = (fault: TrailFault): void => void (faults.length < maxFaults && faults.push(fault));
  for (const file of files) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      line++;
      if (text === '') continue;
      const fault = lineFault(text, last, key);
      if (fault === 'incomplete') {
        if (open !== undefined) tell({ ...open, isHarmless: false });
        open = { file, line, fault };
        continue;
      }
      if (open !== undefined) tell({ ...open, isHarmless: fault === undefined });
      open = undefined;
      if (fault !== undefined) tell({ file, line, fault, isHarmless: false });
      last = placeOf(text);
      records++;
      if (records === 1) first = last?.seq ?? 0;
    }
  }
  // At the very end it is what a killed gateway leaves.
  if (open !== undefined) tell({ ...open, isHarmless: true });
  return { files, records, first, last, faults };
};

const filesOf = (path: string): readonly string[] => {
  const aside: string[] = [];
  for (let index = 1; existsSync(`${path}.${index}`); index++) aside.unshift(`${path}.${index}`);
  return existsSync(path) ? [...aside, path] : aside;
};
