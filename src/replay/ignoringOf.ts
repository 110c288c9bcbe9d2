import { answerPath } from '../protocol/redaction/answerPath.js';
import { changeAt } from '../protocol/redaction/changeAt.js';
import { dropped } from '../protocol/redaction/dropped.js';
import type { JsonPath } from '../protocol/redaction/jsonPath.js';
import { RecordingError } from './recordingError.js';
import type { Ignoring } from './replayedCall.js';

/**
 * Takes out of answers what is not to be compared.
 *
 * @param paths JSON paths (`$..updatedAt`) or pointers (`/result/structuredContent/time`) into `{ result | error, notifications }`
 * @throws RecordingError for one that can't be read
 */
export const ignoringOf = (paths: readonly string[]): Ignoring => {
  const read = paths.map(pathOf);
  return (value) => read.reduce((left, path) => changeAt(left, path, () => dropped), value);
};

const pathOf = (text: string): JsonPath => {
  const path = answerPath(text);
  if (path !== undefined) return path;
  throw new RecordingError(`${text} is no path into an answer`, {
    remedy: ['Write $.result.structuredContent.time, $..updatedAt, or /result/structuredContent/time.'],
  });
};
