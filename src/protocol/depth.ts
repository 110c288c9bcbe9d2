const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether the arrays and objects of a JSON text nest deeper than `max` levels. One pass, about 1 ns a byte.
 *
 * Parsing copes with any depth; what handles the value afterwards (`JSON.stringify`, a validator) recurses and would run out of
 * stack. So depth is bounded where text comes in, from clients and from backends.
 *
 * @param text JSON as bytes or as a string; what is no JSON gives any answer
 */
export const isDeeperThan = (text: Uint8Array | string, max: number): boolean => {
  if (text.length <= max) return false;
  return typeof text === 'string' ? stringIsDeeper(text, max) : bytesAreDeeper(text, max);
};

const bytesAreDeeper = (bytes: Uint8Array, max: number): boolean => {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === quote) {
      for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > max) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
};

// The same once more: one loop over both kinds of text would be polymorphic, and several times slower.
const stringIsDeeper = (text: string, max: number): boolean => {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      for (i++; i < text.length && text.charCodeAt(i) !== quote; i++)
        if (text.charCodeAt(i) === backslash) i++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > max) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
};
