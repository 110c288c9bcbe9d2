import type { PartParser } from './partParser.js';

/**
 * Text has no parts of its own: each piece is one, as it came off the socket.
 *
 * @param onPart called for each piece that is not empty
 */
export const textChunks = (onPart: (text: string) => void): PartParser => ({
  push(text) {
    if (text !== '') onPart(text);
    return true;
  },
  end: () => undefined,
});
