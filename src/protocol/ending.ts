import { fromUnknown, refusal, type GatewayError, type GatewayErrorCode } from './errors.js';
import { errorTable } from './errors.js';
import { isObject, type JsonRpcError, type Result } from './jsonrpc.js';

/** How a call ended, so that it can be told again. */
export type Ending =
  { readonly result: Result } | { readonly error: JsonRpcError } | { readonly failure: GatewayError };

/** The ending as text; what only the log was to see of a failure is not in it. */
export const endingText = (ending: Ending): string => {
  if (!('failure' in ending)) return JSON.stringify(ending);
  const { code, message, data } = ending.failure;
  return JSON.stringify({ failure: { code, message, data } });
};

/** The ending that a text tells of. Throws `ERR_INTERNAL` for a text that is none. */
export const endingOf = (text: string): Ending => {
  const read: unknown = JSON.parse(text);
  if (isObject(read)) {
    const { result, error, failure } = read;
    if (isObject(result)) return { result };
    if (isObject(error)) return { error: error as unknown as JsonRpcError };
    if (isObject(failure) && isCode(failure['code']))
      return { failure: refusal(failure['code'], String(failure['message']), { data: failure['data'] }) };
  }
  throw fromUnknown(new Error('A kept answer is none'));
};

const isCode = (code: unknown): code is GatewayErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorTable, code);
