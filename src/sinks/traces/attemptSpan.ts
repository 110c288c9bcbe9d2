import type { CallTrace, TracedAttempt } from '../../streams/callTrace.js';
import type { Span } from './span.js';

/**
 * The CLIENT span of one attempt, by the conventions for MCP clients. What it says of the server is names of the configuration, never
 * an address.
 *
 * @param index which attempt it is, from 0
 * @param epochMs what makes `performance.now()` a time of day
 */
export const attemptSpan = (
  { traceId, spanId, state }: Pick<CallTrace, 'traceId' | 'spanId' | 'state'>,
  attempt: TracedAttempt,
  index: number,
  epochMs: number,
): Span => {
  const { method, name, server, instance, outcome, error, startedAt, endedAt = startedAt } = attempt;
  const isTool = method === 'tools/call';
  const isPrompt = method === 'prompts/get';
  const isFailed = outcome !== 'success' && outcome !== 'cancelled' && outcome !== undefined;
  return {
    traceId,
    spanId: attempt.spanId,
    parentId: spanId,
    isEntry: false,
    state,
    kind: 'client',
    name: isTool || isPrompt ? `${method} ${name ?? ''}` : method,
    start: epochMs + startedAt,
    end: epochMs + endedAt,
    attributes: {
      'mcp.method.name': method,
      'mcp.protocol.version': attempt.revision === 'rest' ? undefined : attempt.revision,
      'gen_ai.operation.name': isTool ? 'execute_tool' : undefined,
      'gen_ai.tool.name': isTool ? name : undefined,
      'gen_ai.prompt.name': isPrompt ? name : undefined,
      'mcp.resource.uri': method === 'resources/read' ? name : undefined,
      'network.transport': attempt.isPiped ? 'pipe' : 'tcp',
      'network.protocol.name': attempt.isPiped ? undefined : 'http',
      'error.type': isFailed ? (error ?? outcome) : undefined,
      'sluice.server': server,
      'sluice.instance': instance,
      'sluice.attempt': index + 1,
      'sluice.outcome': outcome,
    },
    failure: isFailed ? (error ?? outcome) : undefined,
    beside: undefined,
  };
};
