import type { RecordedStage } from '../../protocol/audit/callRecord.js';
import { isRequest } from '../../protocol/jsonrpc.js';
import { requestMethods } from '../../protocol/methods.js';
import type { CallTrace } from '../../streams/callTrace.js';
import { undecided } from '../../streams/decision.js';
import type { Exchange } from '../../streams/exchange.js';
import { randomHex } from '../../streams/randomHex.js';
import { stagesOf } from '../../streams/stagesOf.js';
import { sessionDigest } from '../audit/sessionDigest.js';
import { attemptSpan } from './attemptSpan.js';
import type { Span } from './span.js';

/** A stage that took so long has a span, whatever it is: it waited for something. In milliseconds. */
const longMs = 1;

/** What the span of a stage is called, where not by the stage's own name. */
const names: Readonly<Record<string, string>> = {
  authorize: 'policy',
  redactArguments: 'redaction of arguments',
  redactReplies: 'redaction of the reply',
};

/**
 * The spans of a call that has ended: the gateway's own (SERVER), one for each attempt (CLIENT), and the stages worth to be seen: parsing,
 * what policies and redaction did, what waited, what refused. By the conventions of OpenTelemetry for MCP and GenAI (in development).
 *
 * Arguments and results are in none, nor the id of a session.
 */
export const callSpans = (exchange: Exchange, trace: CallTrace, epochMs: number): readonly Span[] => {
  const { startedAt, parsedFrom = startedAt, notes } = exchange;
  const from = { traceId: trace.traceId, state: trace.state };
  const inner = (name: string, start: number, end: number, failure?: string): Span => ({
    ...from,
    spanId: randomHex(8),
    parentId: trace.spanId,
    isEntry: false,
    kind: 'internal',
    name,
    start,
    end,
    attributes: { 'error.type': failure },
    failure,
    beside: undefined,
  });
  const call: Span = {
    ...from,
    spanId: trace.spanId,
    parentId: trace.parent?.spanId,
    isEntry: trace.parent !== undefined,
    kind: 'server',
    name: spanName(exchange),
    start: epochMs + parsedFrom,
    end: epochMs + performance.now(),
    attributes: attributesOf(exchange),
    failure: failureOf(exchange),
    beside: trace.beside,
  };
  const stages = stagesOf(exchange);
  const refusing = notes.error === undefined ? undefined : stages.at(-1);
  const isJudged = notes.decision !== undefined && notes.decision !== undecided;
  const isRedacted = stages.some(({ name }) => name === 'redactReplies');
  const isTold = (stage: RecordedStage): boolean => {
    if (stage === refusing || stage.name === 'redactReplies') return stage.name !== 'invoke';
    if (stage.name === 'authorize') return isJudged;
    if (stage.name === 'redactArguments' && isRedacted) return true;
    return stage.duration_ms >= longMs && stage.name !== 'invoke';
  };
  const told = stages.filter(isTold).map((stage) => {
    const start = epochMs + startedAt + stage.start_ms;
    const failure = stage === refusing ? notes.error?.code : undefined;
    return inner(names[stage.name] ?? stage.name, start, start + stage.duration_ms, failure);
  });
  const parsed = parsedFrom === startedAt ? [] : [inner('parse', epochMs + parsedFrom, epochMs + startedAt)];
  const attempts = trace.attempts
    .map((attempt, index) => ({ attempt, index }))
    // One that goes on as a task is told of when it has ended.
    .filter(({ attempt }) => attempt.endedAt !== undefined)
    .map(({ attempt, index }) => attemptSpan(trace, attempt, index, epochMs));
  return [call, ...parsed, ...told, ...attempts];
};

/** Words of a client's are no names: there would be no end of them. */
const spanName = ({ message, notes }: Exchange): string => {
  const method = methodOf(message.method);
  const isNamed = method === 'tools/call' || method === 'prompts/get';
  return isNamed && notes.server !== undefined ? `${method} ${notes.target ?? ''}` : method;
};

const methodOf = (method: string): string => (requestMethods.has(method) ? method : '_OTHER');

const attributesOf = ({ message, origin, notes }: Exchange): Span['attributes'] => {
  const { error, principal, decision } = notes;
  const isTool = message.method === 'tools/call';
  const { name } = message.params ?? {};
  const target = notes.target ?? (typeof name === 'string' ? name.slice(0, maxName) : undefined);
  const isPiped = origin.transport === 'stdio';
  return {
    'mcp.method.name': methodOf(message.method),
    'mcp.protocol.version': origin.revision.version,
    'mcp.session.id': sessionDigest(origin.sessionId),
    'jsonrpc.request.id': isRequest(message) ? String(message.id).slice(0, maxName) : undefined,
    'gen_ai.operation.name': isTool ? 'execute_tool' : undefined,
    'gen_ai.tool.name': isTool ? target : undefined,
    'gen_ai.prompt.name': message.method === 'prompts/get' ? target : undefined,
    'mcp.resource.uri': message.method === 'resources/read' ? notes.target : undefined,
    'network.transport': isPiped ? 'pipe' : 'tcp',
    'network.protocol.name': isPiped ? undefined : origin.transport === 'websocket' ? 'websocket' : 'http',
    'error.type': failureOf({ notes }),
    'rpc.response.status_code': error === undefined ? undefined : String(error.toJsonRpc().code),
    'sluice.server': notes.server,
    'sluice.instance': notes.instance,
    'sluice.attempts': notes.attempts,
    'sluice.outcome': notes.outcome,
    'sluice.error': error?.code,
    'sluice.namespace': origin.namespace,
    'sluice.tenant': principal?.tenant,
    'sluice.client': principal?.clientId,
    'sluice.policy': decision === undecided ? undefined : decision?.policy,
    'sluice.policy.reason': decision?.fault ?? decision?.reason,
  };
};

/** Longest text of a client's that goes into a span. */
const maxName = 128;

/** The code of the error that was answered; `tool_error` for what a tool itself failed in; undefined where nothing failed. */
const failureOf = ({ notes }: Pick<Exchange, 'notes'>): string | undefined => {
  const { error, outcome } = notes;
  if (error !== undefined) return String(error.toJsonRpc().code);
  return outcome === undefined || outcome === 'success' || outcome === 'cancelled' ? undefined : outcome;
};
