import { map, type OperatorFunction } from 'rxjs';
import { filledTemplate } from '../protocol/filledTemplate.js';
import { isObject, type Result } from '../protocol/jsonrpc.js';
import type { Catalog } from '../streams/catalog.js';
import type { Authenticated, Exchange, Resolved } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

/**
 * Leaves out of completions for a template of URIs the values that lead to nothing its caller may read.
 *
 * > What somebody may not have is not suggested either: a list of file names says something of the files.
 *
 * ```
 * part               --n-----r|
 * narrowCompletions  --n-----R|
 * ```
 *
 * Calls of other methods are those of the part itself.
 */
export const narrowCompletions = <E extends Exchange & Authenticated & Resolved>(
  part: OperatorFunction<E, Reply>,
  catalog: Latest<Catalog>,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const { target, message, principal } = exchange;
    const { ref, argument, context } = message.params ?? {};
    if (target.method !== 'completion/complete' || !isObject(ref) || !isObject(argument))
      return send(exchange);
    if (ref['type'] !== 'ref/resource') return send(exchange);
    const { resource, template } = catalog.current.access(principal);
    const { name } = target.server.settings;
    const given = isObject(context) && isObject(context['arguments']) ? context['arguments'] : {};
    const mayHave = (value: unknown): boolean => {
      const filled = filledTemplate(String(ref['uri']), { ...given, [String(argument['name'])]: value });
      return filled.includes('{') ? template(name, filled) : resource(name, filled);
    };
    return send(exchange).pipe(
      map((reply) =>
        reply.kind === 'result' ? { ...reply, result: narrowed(reply.result, mayHave) } : reply,
      ),
    );
  });
};

const narrowed = (result: Result, mayHave: (value: unknown) => boolean): Result => {
  const { completion } = result;
  if (!isObject(completion) || !Array.isArray(completion['values'])) return result;
  const all: readonly unknown[] = completion['values'];
  const values = all.filter(mayHave);
  if (values.length === all.length) return result;
  // How many there are in all would tell how many there are of the others.
  const { total: _total, ...rest } = completion;
  return { ...result, completion: { ...rest, values } };
};
