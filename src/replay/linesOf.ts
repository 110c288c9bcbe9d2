import { ZstdErrorCode } from 'fzstd';
import { isObject } from '../protocol/jsonrpc.js';
import {
  recordingVersion,
  type RecordedLine,
  type RecordingHeader,
} from '../protocol/recording/recordedLine.js';
import { numberedLines } from '../protocol/numberedLines.js';
import { RecordingError } from './recordingError.js';
import type { RecordingFile } from './recordingFiles.js';
import { unpacked } from './unpacked.js';

/** Told while files are read. */
export interface Reading {
  /** How many bytes of a file have been read so far, as they are on disk. */
  readonly read: (path: string, bytes: number) => void;
  /** What is odd, for people. */
  readonly warn: (message: string) => void;
}

/** Longest line, in characters: the largest message there may be, and what is around it. */
const maxLine = 32 * 1024 * 1024;
const kinds: ReadonlySet<unknown> = new Set(['call', 'notification', 'ask', 'reply', 'answer', 'end']);

/** The first line of a file. @throws RecordingError where it is none of a recording, or of a version to come */
export const headerOf = async (file: RecordingFile): Promise<RecordingHeader> => {
  for await (const value of valuesOf(file, { read: () => undefined, warn: () => undefined }))
    return asHeader(value, file);
  throw new RecordingError(`${file.path} is empty`);
};

/** The lines of a file, without its header; what is not understood is left out. Memory does not grow with the file. */
export const linesOf = async function* (file: RecordingFile, reading: Reading): AsyncGenerator<RecordedLine> {
  let isFirst = true;
  let odd = 0;
  for await (const value of valuesOf(file, reading)) {
    if (isFirst) asHeader(value, file);
    // What a later version adds is none of ours.
    else if (isLine(value)) yield value;
    else odd++;
    isFirst = false;
  }
  if (odd > 0)
    reading.warn(
      `${file.path}: ${odd} ${odd === 1 ? 'line is' : 'lines are'} left out, of a kind that is not known`,
    );
};

const isLine = (value: unknown): value is RecordedLine =>
  isObject(value) &&
  kinds.has(value['kind']) &&
  typeof value['t'] === 'number' &&
  typeof value['n'] === 'number' &&
  (value['kind'] !== 'call' ||
    (typeof value['lane'] === 'string' &&
      typeof value['method'] === 'string' &&
      typeof value['revision'] === 'string'));

const asHeader = (value: unknown, { path }: RecordingFile): RecordingHeader => {
  if (!isObject(value) || value['kind'] !== 'recording' || typeof value['version'] !== 'number')
    throw new RecordingError(`${path} is no recording: it does not begin with a header`, {
      remedy: ['Recordings are made by `record:` in the configuration, or by `sluice record`.'],
    });
  if (value['version'] > recordingVersion)
    throw new RecordingError(
      `${path} is of version ${value['version']}; this release reads ${recordingVersion}`,
      {
        remedy: ['Replay it with the release that recorded it, or a later one.'],
      },
    );
  if (typeof value['id'] !== 'string' || !Number.isFinite(Date.parse(String(value['started_at']))))
    throw new RecordingError(`${path} is no recording: its header lacks \`id\` or \`started_at\``);
  return value as unknown as RecordingHeader;
};

/** What is in a file, line by line. One that was not ended properly gives what there is. */
const valuesOf = async function* (file: RecordingFile, reading: Reading): AsyncGenerator {
  const bytes = await unpacked(file.path, (read) => reading.read(file.path, read));
  const lines = numberedLines(bytes, maxLine);
  for (;;) {
    const next = await lines.next().catch((error: unknown) => cutOff(error, file.path));
    if (next === undefined)
      reading.warn(`${file.path} ends in the middle: what wrote it was killed, or still writes`);
    if (next === undefined || next.done === true) return;
    const { number, text } = next.value;
    if (text === undefined) reading.warn(`${file.path}:${number} is longer than 32 MiB and left out`);
    else if (text.trim() !== '') {
      const value = parsed(text);
      if (value === undefined) reading.warn(`${file.path}:${number} is no JSON and left out`);
      else yield value;
    }
  }
};

/** What Node calls an end in the middle, and what `fzstd` does. */
const endCodes: ReadonlySet<unknown> = new Set(['Z_BUF_ERROR', ZstdErrorCode.UnexpectedEOF]);

/** @throws RecordingError for what can't be read for another reason, and whatever has nothing to do with reading */
const cutOff = (error: unknown, path: string): undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (endCodes.has(code)) return undefined;
  if (typeof code !== 'string' && typeof code !== 'number') throw error;
  throw new RecordingError(`${path} is damaged, or can not be read to its end (${code})`, {
    cause: error,
    remedy: ['Fetch it again, or leave it out: other files of the recording can be replayed without it.'],
  });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Told by whoever asks: half a line at the end of a file is common.
    return undefined;
  }
};
