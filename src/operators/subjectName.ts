import { isObject, type JsonRpcCall } from '../protocol/jsonrpc.js';

/** What a call names: a tool, a prompt, a URI. Cut to what a log line takes. */
export const subjectName = ({ params }: JsonRpcCall): string => {
  const ref = params?.['ref'];
  const named =
    params?.['name'] ?? params?.['uri'] ?? (isObject(ref) ? (ref['name'] ?? ref['uri']) : undefined);
  return String(named).slice(0, 256);
};
