import { isUtf8 } from 'node:buffer';
import { isDeeperThan } from '../protocol/depth.js';
import { refusal } from '../protocol/errors.js';
import { repeatsKey } from '../protocol/repeatsKey.js';

/**
 * Parses what a client sent as one text: a message, or a batch of them.
 *
 * @param maxDepth levels of nested arrays and objects: parsing copes with any depth, what handles the value afterwards recurses
 * @throws GatewayError `ERR_PARSE`
 */
export const parseMessage = (sent: Buffer | string, maxDepth: number): unknown => {
  if (typeof sent !== 'string' && !isUtf8(sent)) throw wrong('is not valid UTF-8');
  if (isDeeperThan(sent, maxDepth)) throw wrong(`is nested deeper than ${maxDepth} levels`);
  const text = typeof sent === 'string' ? sent : sent.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('is not valid JSON'); // the parser's own complaint quotes the message
  }
  if (repeatsKey(text, value)) throw wrong('has a key twice in one object');
  return value;
};

const wrong = (what: string) => refusal('ERR_PARSE', `Parse error: the message ${what}`);
