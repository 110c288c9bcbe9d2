import { isObject, type JsonRpcCall } from './jsonrpc.js';

/** The methods of the tasks extension (SEP-2663), for which no official JSON Schema is within reach. */
const shapes: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => string | undefined>> = {
  'tasks/get': () => undefined,
  'tasks/cancel': () => undefined,
  // What an answer may hold is known only for the questions that are open; others are ignored (SEP-2663).
  'tasks/update': ({ inputResponses }) =>
    isObject(inputResponses) && Object.values(inputResponses).every(isObject)
      ? undefined
      : 'params.inputResponses must be an object of objects',
};

/** Whether a method belongs to the tasks extension. */
export const isExtensionMethod = (method: string): boolean => Object.hasOwn(shapes, method);

/** What is wrong with the shape of a call of the extension, or nothing. */
export const extensionShape = ({ method, params = {} }: JsonRpcCall): string | undefined =>
  typeof params['taskId'] === 'string' && params['taskId'] !== ''
    ? shapes[method]?.(params)
    : 'params must have required property taskId, a string';
