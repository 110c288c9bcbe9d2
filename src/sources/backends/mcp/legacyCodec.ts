import { refusal } from '../../../protocol/errors.js';
import { isObject, type Params, type Result } from '../../../protocol/jsonrpc.js';
import { metaOf, type Capabilities, type Implementation } from '../../../protocol/mcp.js';
import { result as resultReply } from '../../../streams/reply.js';
import { asTask, fromRequestedForm } from '../../../protocol/tasks.js';
import { withRemaining } from '../withRemaining.js';
import type { EraCodec } from './eraCodec.js';

const offered = '2025-11-25';
const accepted: readonly unknown[] = [offered, '2025-06-18', '2025-03-26', '2024-11-05'];

/**
 * The messages of the revisions up to 2025-11-25: a conversation opens with `initialize` (2.2).
 *
 * @param capabilities what the clients of the conversation can be asked for; without any, one session can serve every caller
 */
export const legacyCodec = (clientInfo: Implementation, capabilities: Capabilities = {}): EraCodec => ({
  asksByRequest: true,
  opening: {
    method: 'initialize',
    params: { protocolVersion: offered, capabilities, clientInfo },
  },
  greeting: readInitialized,
  encode: (id, { method, params, progress, tasks, deadlineAt }) => ({
    jsonrpc: '2.0',
    id,
    method,
    params: encodeParams(
      id,
      tasks === 'await' && method === 'tools/call' ? { ...params, task: {} } : params,
      progress,
      deadlineAt,
    ),
  }),
  result: (value, { method, tasks }) => {
    const own = withoutRound(value);
    return resultReply(tasks === undefined ? own : withTask(method, own));
  },
  error: (error) => ({
    kind: 'error',
    error: codesOfModern.has(error.code) ? { ...error, code: -32603 } : error,
  }),
});

/** What speaks of rounds in the 2026 era are unknown keys in this one, which must not be taken for a round further on. */
const withoutRound = (value: Result): Result => {
  if (!('resultType' in value || 'inputRequests' in value || 'requestState' in value)) return value;
  const { resultType: _type, inputRequests: _requests, requestState: _state, ...rest } = value;
  return rest;
};

/** Codes that the 2026 era took from the servers' own: its clients would look for the fault in what they sent (5.3). */
const codesOfModern: ReadonlySet<number> = new Set([-32020, -32021, -32022]);

/** What says something of a task, in the extension's form. */
const withTask = (method: string, value: Result): Result => {
  if (method === 'tasks/get' || method === 'tasks/cancel') return fromRequestedForm(value);
  const { task, ...rest } = value;
  return method === 'tools/call' && asTask(task) !== undefined && isObject(task)
    ? { ...rest, resultType: 'task', ...fromRequestedForm(task) }
    : value;
};

const encodeParams = (
  id: number,
  params: Params,
  progress: boolean,
  deadlineAt: number | undefined,
): Params => {
  // Answers of a round mean nothing in this era: the call itself is still there, or is simply sent again.
  const { inputResponses, requestState, ...rest } = params;
  const own = inputResponses === undefined && requestState === undefined ? params : rest;
  if (!progress && deadlineAt === undefined) return own;
  const meta = withRemaining(own['_meta'] === undefined ? undefined : metaOf(own), deadlineAt);
  return { ...own, _meta: progress ? { ...meta, progressToken: id } : meta };
};

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
