import type { PartParser } from './partParser.js';

/**
 * Splits text into rows at line feeds, however it was cut on its way; empty rows (heartbeats) are left out.
 *
 * ```
 * text   {"a":1}\n{"a     ":2}\n
 * rows   {"a":1}          {"a":2}
 * ```
 *
 * @param onPart called for each row, in the call that completes it
 * @param limit characters of a row; a longer one makes `push` return false
 */
export const parseNdjson = (onPart: (row: string) => void, limit: number): PartParser => {
  let carried = '';
  const emit = (row: string): void => {
    const trimmed = row.endsWith('\r') ? row.slice(0, -1) : row;
    if (trimmed.trim() !== '') onPart(trimmed);
  };
  return {
    push(text) {
      let start = 0;
      // Only the new text is searched: searching the carried part again would be quadratic in a row's length.
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', start)) {
        const row = carried + text.slice(start, at);
        carried = '';
        start = at + 1;
        if (row.length > limit) return false;
        emit(row);
      }
      carried += text.slice(start);
      return carried.length <= limit;
    },
    end() {
      emit(carried);
      carried = '';
    },
  };
};
