import type { Head } from '../../fromDispatch.js';
import { mediaType } from './mediaType.js';

/** Whether an answer may have a great many parts in little room. Text has as many as the socket gives. */
export const hasManyParts = ({ headers }: Head): boolean => {
  const { kind } = mediaType(headers['content-type']);
  return kind === 'ndjson' || kind === 'sse';
};
