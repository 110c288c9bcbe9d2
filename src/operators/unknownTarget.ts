import { refusal, type GatewayError, type GatewayErrorCode } from '../protocol/errors.js';
import type { JsonRpcCall } from '../protocol/jsonrpc.js';
import { subjectName } from './subjectName.js';

/** What is kept from a caller is as unknown to it as what never was; the log tells them apart. */
export const unknownTarget = (message: JsonRpcCall, hidden: GatewayErrorCode | undefined): GatewayError => {
  const name = subjectName(message);
  const code = (byDefault: GatewayErrorCode): GatewayErrorCode => hidden ?? byDefault;
  if (message.method === 'tools/call') return refusal(code('ERR_TOOL_UNKNOWN'), `Unknown tool: ${name}`);
  if (message.method === 'resources/read' || message.method === 'resources/subscribe')
    return refusal(code('ERR_RESOURCE_UNKNOWN'), 'Resource not found', { data: { uri: name } });
  return refusal(code('ERR_PROMPT_UNKNOWN'), `Unknown prompt or resource template: ${name}`);
};
