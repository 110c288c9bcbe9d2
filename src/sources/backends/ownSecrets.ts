import { secretSpans } from '../../protocol/redaction/secretSpans.js';
import { spellings } from '../../protocol/redaction/spellings.js';

/** Shorter ones are found in any text. */
const leastLength = 8;
/** A word of letters alone is found in any text too, if it is not longer than words are. */
const wordLength = 16;
/** What says by its name that it is secret. Other headers say what tenant, what language: answers may well repeat that. */
const secretName =
  /(?:auth|authorization|key|token|secret|password|passwd|passphrase|pwd|credentials?|cookie|session|signature)$/i;

/**
 * The texts in what a server is configured with that no client may see: what headers, variables or parts of its URL hold whose name says
 * so, or that look like a token; the words of each, and the password of `Basic` or in a URL.
 *
 * @param named values by name
 * @param url where the server is
 */
export const ownSecrets = (named: Readonly<Record<string, string>>, url?: string): readonly string[] => {
  const secrets = new Set<string>();
  const add = (secret: string): void => {
    const isWord = secret.length < wordLength && /^[A-Za-z]*$/.test(secret);
    if (secret.length >= leastLength && !isWord) secrets.add(secret);
  };
  const addUser = (user: string): void => add(user.slice(user.indexOf(':') + 1));
  const take = (name: string, value: string): void => {
    if (value.includes('://')) takeUrl(value);
    if (!secretName.test(name) && secretSpans(value).length === 0) return;
    const [scheme = '', ...rest] = value.trim().split(/\s+/);
    if (rest.length === 0) return add(value);
    // `Bearer x` is mostly repeated as `x`.
    for (const word of rest) add(word);
    if (scheme.toLowerCase() === 'basic') addUser(Buffer.from(rest.join(''), 'base64').toString('utf8'));
  };
  const takeUrl = (text: string): void => {
    if (!URL.canParse(text)) return;
    const { searchParams, password, username } = new URL(text);
    for (const [name, value] of searchParams) take(name, value);
    if (password === '') return;
    const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    take('authorization', `Basic ${Buffer.from(user).toString('base64')}`);
  };
  for (const [name, value] of Object.entries(named)) take(name, value);
  if (url !== undefined) takeUrl(url);
  return spellings(secrets);
};
