import { isUtf8 } from 'node:buffer';
import { isDeeperThan } from '../../protocol/depth.js';
import { GatewayError, refusal } from '../../protocol/errors.js';

/**
 * Parses the text of one message.
 *
 * @param maxDepth levels of nested arrays and objects: what handles the value afterwards recurses
 * @throws GatewayError `ERR_PARSE`
 */
export const parseMessage = (text: Buffer | string, maxDepth: number): unknown => {
  try {
    if (typeof text !== 'string' && !isUtf8(text))
      throw refusal('ERR_PARSE', 'Parse error: the message is not valid UTF-8');
    if (isDeeperThan(text, maxDepth))
      throw refusal('ERR_PARSE', `Parse error: the message is nested deeper than ${maxDepth} levels`);
    return JSON.parse(typeof text === 'string' ? text : text.toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw refusal('ERR_PARSE', 'Parse error: the message is not valid JSON');
  }
};
