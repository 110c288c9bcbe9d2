import { RewriteError } from './rewriteError.js';

/** Largest value that a rule may give, in characters of JSON. */
const maxLength = 16 * 1024 * 1024;

/**
 * A value as JSON has it: without functions and what else expressions can give, and a copy.
 *
 * @throws RewriteError for what is nothing, or too large
 */
export const plainJson = (value: unknown): unknown => {
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch {
    throw new RewriteError('What it gives is no JSON, or too large');
  }
  if (typeof text !== 'string') throw new RewriteError('It gives nothing');
  if (text.length > maxLength) throw new RewriteError('What it gives is too large');
  return JSON.parse(text);
};
