import { changeAt } from '../protocol/redaction/changeAt.js';
import { dropped } from '../protocol/redaction/dropped.js';
import { jsonPath, type JsonPath } from '../protocol/redaction/jsonPath.js';
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
  if (text.startsWith('/')) return text.slice(1).split('/').map(stepOf);
  try {
    const path = jsonPath(text);
    if (path.length > 0) return path;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new RecordingError(`${text} is no path into an answer`, {
    remedy: ['Write $.result.structuredContent.time, $..updatedAt, or /result/structuredContent/time.'],
  });
};

const stepOf = (part: string): JsonPath[number] => {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
  return { deep: false, key: name === '*' ? undefined : /^\d{1,9}$/.test(name) ? Number(name) : name };
};
