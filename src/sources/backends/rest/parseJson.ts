/**
 * Parses JSON that comes from outside.
 *
 * @param depth levels allowed; whoever writes the value again (`JSON.stringify`) needs a stack frame a level
 * @returns undefined for what is no JSON or too deep
 */
export const parseJson = (text: string, depth: number): unknown => {
  if (text.length > 2 * depth && deeperThan(text, depth)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // no JSON: the caller has the text
  }
};

/** Counts brackets outside of strings. About a nanosecond a character, against ten for the parsing. */
const deeperThan = (text: string, depth: number): boolean => {
  let level = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) {
      index = endOfString(text, index);
    } else if (code === openBrace || code === openBracket) {
      if (++level > depth) return true;
    } else if (code === closeBrace || code === closeBracket) {
      level--;
    }
  }
  return false;
};

const endOfString = (text: string, start: number): number => {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === backslash) index++;
    else if (code === quote) return index;
  }
  return text.length;
};

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
