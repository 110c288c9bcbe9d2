import assert from 'node:assert/strict';
import { isObject } from '../../src/protocol/jsonrpc.js';
import { ask } from './ask.js';
import { responseOf, type SeenMessage } from './messagesOf.js';
import { modernRequest } from './modern.js';

/** A call of `crm_echo` as a client of 2026-07-28 that can open URLs sends it. @param round what belongs to a retry */
export const callCrm = async (
  port: number,
  headers: Readonly<Record<string, string>>,
  round: Readonly<Record<string, unknown>> = {},
): Promise<SeenMessage> =>
  responseOf(
    await ask(
      port,
      modernRequest(
        'tools/call',
        { name: 'crm_echo', arguments: { a: 1 }, ...round },
        { headers, meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } } },
      ),
      40_000,
    ),
  );

/** The page that an answer asks its caller to open. */
export const pageOf = ({ result, error }: SeenMessage): string => {
  assert.equal(result?.['resultType'], 'input_required', JSON.stringify(error ?? result));
  const requests = result['inputRequests'];
  const [request] = isObject(requests) ? Object.values(requests) : [];
  const params = isObject(request) && isObject(request['params']) ? request['params'] : {};
  assert.equal(params['mode'], 'url');
  return String(params['url']);
};
