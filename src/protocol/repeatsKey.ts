import { isObject } from './jsonrpc.js';

/**
 * Whether an object in a JSON text has a key twice. `JSON.parse` keeps the last one, other parsers the first: whoever judged the same
 * text on its way here may have read another message.
 *
 * Counts: outside of strings a text has a colon for each key it says, and its value a key for each that is left.
 *
 * @param value what `JSON.parse` made of it; not too deep, see {@link isDeeperThan}
 */
export const repeatsKey = (text: string, value: unknown): boolean => keysSaid(text) !== keysLeft(value);

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

const keysSaid = (text: string): number => {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === colon) count++;
    else if (code === quote)
      for (i++; text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i++;
  }
  return count;
};

const keysLeft = (value: unknown): number => {
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += keysLeft(item);
  else if (isObject(value)) for (const key in value) count += 1 + keysLeft(value[key]);
  return count;
};
