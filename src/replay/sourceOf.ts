import type { RecordedLine } from '../protocol/recording/recordedLine.js';
import { importedLines } from './imports/importedLines.js';
import type { Reading } from './linesOf.js';
import { mergedLines } from './mergedLines.js';
import { RecordingError } from './recordingError.js';
import { recordingFiles } from './recordingFiles.js';

/** Something that can be replayed. */
export interface ReplaySource {
  /** Bytes on disk. */
  readonly bytes: number;
  /** What its makers do not want compared. */
  readonly ignore: readonly string[];
  /** Whether the beginning is missing. */
  readonly joinsLate: boolean;
  lines(reading: Reading): AsyncIterable<RecordedLine> | Iterable<RecordedLine>;
}

/**
 * Recordings of gateways (files, or folders with such), a HAR file, or an export of the MCP Inspector.
 *
 * @throws RecordingError where there is nothing to replay
 */
export const sourceOf = async (paths: readonly string[]): Promise<ReplaySource> => {
  const foreign = paths.filter((path) => /\.(?:har|json)$/i.test(path));
  const [only] = foreign;
  if (only !== undefined) {
    if (paths.length > 1)
      throw new RecordingError(`${only} is replayed alone: it is no recording of a gateway`);
    const lines = await importedLines(only);
    return { bytes: 0, ignore: [], joinsLate: false, lines: () => lines };
  }
  const files = await recordingFiles(paths);
  const { headers, read } = await mergedLines(files);
  return {
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    ignore: headers.flatMap(({ ignore = [] }) => ignore),
    joinsLate: headers.some(({ part }) => part > 1),
    lines: read,
  };
};
