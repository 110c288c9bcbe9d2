import { mergeMap, tap, type Observable, type OperatorFunction } from 'rxjs';
import { isObject, type Result } from '../protocol/jsonrpc.js';
import { asTask } from '../protocol/tasks.js';
import type { RewriteBindings } from '../protocol/transform/rewrite.js';
import { resultValue } from '../protocol/transform/resultValue.js';
import { takesContext } from '../protocol/transform/takesContext.js';
import { callContext } from '../streams/callContext.js';
import type { Authenticated, Exchange, Resolved } from '../streams/exchange.js';
import { followed } from '../streams/followed.js';
import { Marks } from '../streams/marks.js';
import { prompted } from '../streams/prompted.js';
import { isFinal, type Reply } from '../streams/reply.js';
import { rewritten } from '../streams/rewritten.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Prompt } from '../streams/sessions.js';
import { transformFailed } from '../streams/transformFailed.js';
import type { CallTransform, Transforms } from '../streams/transforms.js';

type Call = Exchange & Authenticated & Resolved;

/**
 * Rewrites the arguments of tool calls and the results as the configuration says, and tells servers who calls (`_context`).
 *
 * > Calls that no rule is about cost a comparison. What can't be rewritten is not sent, and no answer goes on as it was.
 *
 * ```
 * calls       --a--------b--|
 * part          --n--r|                 gets a with other arguments; the rule for b fails
 * transform   ----n--R---#              n is a notification: as it was; ERR_TRANSFORM_FAILED
 * ```
 *
 * Beneath all that looks at what the client sent, above all attempts; the replies are those that redaction looks at. A result of a tool
 * that is kept in a task is rewritten when it is fetched.
 *
 * @param now epoch milliseconds
 */
export const transform = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  transforms: Transforms,
  now: () => number,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const rules = transforms(exchange.target);
    if (rules === undefined) return send(exchange);
    const { target, notes } = exchange;
    const { told, known } = callContext(exchange, now());
    const context = rules.context !== false && takesContext(target.tool, rules.context) ? told : undefined;
    const replies = (args: unknown): Observable<Reply> => {
      const call =
        args === undefined
          ? exchange
          : { ...exchange, target: { ...target, params: { ...target.params, arguments: args } } };
      const replies$ = send(call);
      if (rules.results.length === 0) return replies$;
      const bindings = { context: known, arguments: args };
      return replies$.pipe(
        tap((reply) => isFinal(reply) && notes.marks.enter(rewriting)),
        // The last reply is the only one that may take a while.
        mergeMap((reply) => prompted(rewrittenReply(reply, rules, bindings))),
      );
    };
    if (target.method !== 'tools/call') return replies(undefined);
    const sent = rewrittenArguments(target.params['arguments'] ?? {}, rules, { context: known });
    const args = followed(sent, (given) => (context === undefined ? given : { ...given, _context: context }));
    return prompted(followed(args, (given) => replies(given)));
  });
};

/** Entered when the last reply comes. */
const rewriting = Marks.idOf('transformResult');

const rewrittenArguments = (
  given: unknown,
  rules: CallTransform,
  bindings: RewriteBindings,
): Prompt<Readonly<Record<string, unknown>>> =>
  followed(rewritten(given, rules.arguments, bindings), (args) => {
    if (!isObject(args))
      throw transformFailed(`${rules.arguments.at(-1)?.place ?? ''}: it gives arguments that are no object`);
    return args;
  });

const rewrittenReply = (reply: Reply, rules: CallTransform, bindings: RewriteBindings): Prompt<Reply> =>
  reply.kind === 'result'
    ? followed(rewrittenResult(reply.result, rules, bindings), (result) => ({ ...reply, result }))
    : reply;

/** The tool's result, or that in a task; what asks for input, and a task without a result, is none. */
const rewrittenResult = (result: Result, rules: CallTransform, bindings: RewriteBindings): Prompt<Result> => {
  if (asTask(result) !== undefined) {
    const { result: inner } = result;
    return isObject(inner)
      ? followed(rewrittenResult(inner, rules, bindings), (next) => ({ ...result, result: next }))
      : result;
  }
  const { resultType = 'complete', isError } = result;
  if (resultType !== 'complete') return result;
  const applying = isError === true ? rules.errors : rules.results;
  const said = applying.length === 0 ? undefined : resultValue(result);
  if (said === undefined) return result;
  return followed(rewritten(said.value, applying, bindings), (value) => {
    const next = said.saying(value);
    if (next === undefined)
      throw transformFailed(`${applying.at(-1)?.place ?? ''}: structured content must stay an object`);
    return next;
  });
};
