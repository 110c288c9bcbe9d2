import { refusal } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import { stage } from '../streams/stage.js';

/**
 * Lets a message through only if its revision knows the method and its shape fits the official schema.
 *
 * ```
 * calls       --a-----b-----c--|
 * checkShape  --a-----#              b has no such method (ERR_METHOD_UNKNOWN) or wrong params (ERR_INVALID_PARAMS)
 * ```
 *
 * A notification with an unknown method passes: JSON-RPC has no answer for it, so it is taken and ignored.
 *
 * @param ownMethods names the gateway itself puts on what is no JSON-RPC message; they pass
 */
export const checkShape = (ownMethods: ReadonlySet<string>) =>
  stage<unknown, unknown>((exchange) => {
    const { message, origin } = exchange;
    const { revision } = origin;
    if (ownMethods.has(message.method)) return exchange;
    if (!revision.knows(message.method)) {
      if (!isRequest(message)) return exchange;
      throw refusal('ERR_METHOD_UNKNOWN', `Method not found: ${message.method.slice(0, 100)}`);
    }
    const problem = revision.check(message);
    if (problem !== undefined) throw refusal('ERR_INVALID_PARAMS', `Invalid ${message.method}: ${problem}`);
    return exchange;
  });
