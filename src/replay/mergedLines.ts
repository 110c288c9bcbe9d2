import type { RecordedLine, RecordingHeader } from '../protocol/recording/recordedLine.js';
import { headerOf, linesOf, type Reading } from './linesOf.js';
import type { RecordingFile } from './recordingFiles.js';

/** All files of one recording. */
interface Part {
  readonly header: RecordingHeader;
  readonly files: RecordingFile[];
}

/** Several recordings in one. */
export interface Merged {
  readonly headers: readonly RecordingHeader[];
  /** Reads them from the beginning, in the order of time; `t` counts from the first line of all. */
  read(reading: Reading): AsyncGenerator<RecordedLine>;
}

/** Recordings that do not overlap follow each other after so many milliseconds. */
const gapMs = 1000;
/** Numbers of calls are made distinct by recording: none has as many calls. */
const most = 2 ** 40;

/**
 * Files as one stream: the parts of a recording one after another; those of several processes, which recorded at the same time, beside
 * each other.
 */
export const mergedLines = async (files: readonly RecordingFile[]): Promise<Merged> => {
  const parts = new Map<string, Part>();
  for (const file of files) {
    const header = await headerOf(file);
    const part = parts.get(header.id) ?? { header, files: [] };
    part.files.push(file);
    parts.set(header.id, part);
  }
  const all = [...parts.values()];
  return {
    headers: all.map(({ header }) => header),
    read: (reading) => merge(all, reading),
  };
};

/** A recording that is being read: its next line, and when that was. */
interface Head {
  readonly lines: AsyncGenerator<RecordedLine>;
  readonly index: number;
  readonly startedAt: number;
  line: RecordedLine;
  at: number;
}

const merge = async function* (parts: readonly Part[], reading: Reading): AsyncGenerator<RecordedLine> {
  const heads: Head[] = [];
  for (const [index, { header, files }] of parts.entries()) {
    const lines = inOrder(files, reading);
    const startedAt = Date.parse(header.started_at);
    const first = await lines.next();
    if (first.done !== true)
      heads.push({ lines, index, startedAt, line: first.value, at: startedAt + first.value.t });
  }
  let from: number | undefined;
  let last = 0;
  let only: number | undefined;
  try {
    while (heads.length > 0) {
      const head = heads.reduce((first, other) => (other.at < first.at ? other : first));
      from ??= head.at;
      // Nothing else was going on, and another recording begins much later.
      if (
        only !== undefined &&
        head.index !== only &&
        head.at - from > last + gapMs &&
        heads.every(({ index }) => index !== only)
      )
        from = head.at - last - gapMs;
      only = head.index;
      last = head.at - from;
      yield distinct(head.line, head.index, last);
      const next = await head.lines.next();
      if (next.done === true) heads.splice(heads.indexOf(head), 1);
      else {
        head.line = next.value;
        head.at = head.startedAt + next.value.t;
      }
    }
  } finally {
    for (const { lines } of heads) await lines.return(undefined);
  }
};

const inOrder = async function* (
  files: readonly RecordingFile[],
  reading: Reading,
): AsyncGenerator<RecordedLine> {
  for (const file of files) yield* linesOf(file, reading);
};

/** Sessions may go on elsewhere; connections can not. */
const distinct = (line: RecordedLine, index: number, t: number): RecordedLine => {
  const n = index * most + line.n;
  if (line.kind !== 'call') return { ...line, t, n };
  return { ...line, t, n, lane: line.lane.startsWith('s:') ? line.lane : `${index}/${line.lane}` };
};
