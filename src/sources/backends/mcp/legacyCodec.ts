import { refusal } from '../../../protocol/errors.js';
import { isObject, type Result } from '../../../protocol/jsonrpc.js';
import { metaOf, type Implementation } from '../../../protocol/mcp.js';
import { result as resultReply } from '../../../streams/reply.js';
import type { EraCodec } from './eraCodec.js';

const offered = '2025-11-25';
const accepted: readonly unknown[] = [offered, '2025-06-18', '2025-03-26', '2024-11-05'];

/**
 * The messages of the revisions up to 2025-11-25: a conversation opens with `initialize` (2.2).
 *
 * No client capability is declared, so no server may ask for anything, and one session can serve every caller.
 */
export const legacyCodec = (clientInfo: Implementation): EraCodec => ({
  opening: {
    method: 'initialize',
    params: { protocolVersion: offered, capabilities: {}, clientInfo },
  },
  greeting: readInitialized,
  encode: (id, { method, params, progress }) => ({
    jsonrpc: '2.0',
    id,
    method,
    params: progress ? { ...params, _meta: { ...metaOf(params), progressToken: id } } : params,
  }),
  result: resultReply,
  error: (error) => ({ kind: 'error', error }),
});

const readInitialized = (value: Result): ReturnType<EraCodec['greeting']> => {
  const { protocolVersion, capabilities, serverInfo, instructions } = value;
  if (typeof protocolVersion !== 'string' || !accepted.includes(protocolVersion))
    throw refusal(
      'ERR_UPSTREAM_FAILED',
      'The backend speaks no revision of the protocol that the gateway knows',
    );
  return {
    revision: protocolVersion,
    capabilities: isObject(capabilities) ? capabilities : {},
    ...(isObject(serverInfo) ? { serverInfo: serverInfo as Implementation } : undefined),
    ...(typeof instructions === 'string' ? { instructions } : undefined),
  };
};
