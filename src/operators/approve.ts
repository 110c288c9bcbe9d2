import { asyncScheduler, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { approvalMessage } from '../protocol/approval/approvalMessage.js';
import { shownArguments } from '../protocol/approval/shownArguments.js';
import { anyOf } from '../protocol/glob.js';
import type { ToolDefinition } from '../protocol/mcp.js';
import { compiledRule } from '../protocol/redaction/compiledRule.js';
import { Redactor } from '../protocol/redaction/redactor.js';
import { Approvals, type ApprovableCall, type ApprovalsOptions } from '../streams/approvals.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { subjectName } from './subjectName.js';

/** Which calls need an approval: those that any of the first three is about. With none of them, what `destructive: 'assumed'` finds. */
export interface ApproveOptions<E> extends Pick<ApprovalsOptions<E>, 'keys' | 'counters'> {
  /** Globs of names of tools, as clients see them or their server's own. */
  readonly tools?: readonly string[];
  /** `said`: tools that say they destroy. `assumed`: also those that say neither that nor that they only read, as MCP has it. */
  readonly destructive?: 'said' | 'assumed';
  /** Says it of each call. One that throws fails the call. */
  readonly when?: (exchange: E) => boolean;
  /** JSON paths (`$.card.number`) of arguments that the person is not shown. */
  readonly hide?: readonly string[];
  /** Words of one's own for the question, given the shown arguments. */
  readonly message?: (exchange: E, shown: string) => string;
  /** How long a person may take, in milliseconds. Default: 4 minutes, a little less than `state.ttl`, which ends it too. */
  readonly timeoutMs?: number;
  /** Lets the person choose not to be asked again for that tool, in milliseconds. Default: no such choice. */
  readonly rememberMs?: number;
  /** Most characters that are shown of all arguments; of one value a quarter of it. Default: 4000. */
  readonly maxShown?: number;
  /** Asks nobody: the chain is looked at, and no call is made with it. */
  readonly isTrial?: boolean;
  readonly scheduler?: SchedulerLike;
}

/**
 * Has a person approve calls before they are made, by elicitation: human in the loop.
 *
 * > Who can't be asked, denies, dismisses the question or does not answer makes no call. Approved is one call with just these
 * > arguments, by who was asked, once.
 *
 * ```
 * calls                    --a------------------b-------------|
 * approve                  --ask.....(yes)--r---ask...(no)#        ERR_NOT_APPROVED
 * part                     ---------------a--r|                    never sees b
 * ```
 *
 * It stands beneath `relayInput`, around whatever sends, and asks as a server of the same era would: what carries a server's questions to
 * clients of both eras, and to those of tasks, carries this one.
 *
 * ```ts
 * stock.sendThrough((send) => approve(send, { ...context, tools: ['*_delete_*'] }))
 * ```
 *
 * @param part what is done once it is approved
 */
export const approve = <E extends ApprovableCall>(
  part: OperatorFunction<E, Reply>,
  options: ApproveOptions<E>,
): Service<E, Reply> => {
  const { keys, counters, message, isTrial = false, scheduler = asyncScheduler } = options;
  const { timeoutMs = 240_000, rememberMs, maxShown = 4000 } = options;
  for (const [name, value] of Object.entries({ timeoutMs, rememberMs, maxShown }))
    if (value !== undefined && !(value > 0))
      throw new TypeError(`approve: ${name} must be above 0, and is ${value}`);
  const send = answerOf(part);
  const isNeeded = needing(options);
  const hidden = hiding(options.hide);
  const approvals = new Approvals<E>({
    ...{ keys, counters, timeoutMs, rememberMs, scheduler },
    message(exchange) {
      const room = { maxAll: maxShown, maxValue: Math.ceil(maxShown / 4) };
      const shown = shownArguments(hidden(exchange.target.params['arguments'] ?? {}), room);
      const server = exchange.target.server.settings.name;
      return (
        message?.(exchange, shown.text) ??
        approvalMessage({ tool: subjectName(exchange.message), server, shown })
      );
    },
  });
  return service((exchange) => {
    const { tool, params } = exchange.target;
    if (tool === undefined || isTrial) return send(exchange);
    if (isNeeded(exchange, tool)) return approvals.pass(exchange, send);
    // A round of what needed an approval when it began.
    return params['requestState'] !== undefined && approvals.isRound(exchange)
      ? approvals.pass(exchange, send)
      : send(exchange);
  });
};

const needing = <E extends ApprovableCall>({ tools, destructive, when }: ApproveOptions<E>) => {
  const isNamed = anyOf(tools ?? []);
  const how = destructive ?? (tools === undefined && when === undefined ? 'assumed' : undefined);
  return (exchange: E, tool: ToolDefinition): boolean =>
    (how !== undefined && destroys(tool, how)) ||
    isNamed(tool.name) ||
    isNamed(subjectName(exchange.message)) ||
    when?.(exchange) === true;
};

/** Hints of a tool (2025-11-25: schema, ToolAnnotations): what says nothing may destroy. */
const destroys = ({ annotations }: ToolDefinition, how: 'said' | 'assumed'): boolean =>
  annotations?.readOnlyHint !== true &&
  (how === 'said' ? annotations?.destructiveHint === true : annotations?.destructiveHint !== false);

/** @param paths of what is taken out of arguments that a person is shown */
const hiding = (paths: readonly string[] = []): ((args: unknown) => unknown) => {
  if (paths.length === 0) return (args) => args;
  const rule = compiledRule({ name: 'hidden', detect: [], patterns: [], paths, action: 'mask', keepLast: 0 });
  // The key is of hashes, and this rule makes none.
  const redactor = new Redactor([rule], { key: new Uint8Array(32), direction: 'arguments' });
  return (args) => redactor.document(args);
};
