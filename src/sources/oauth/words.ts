/** A list of texts in a document of somebody else; undefined for anything else, and for what could not be a scope or URL. */
export const words = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length <= 1000 && value.every(isWord) ? value : undefined;

const isWord = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,2000}$/.test(value);
