import { differences, type Difference } from '../protocol/differences.js';
import { fromUnknown } from '../protocol/errors.js';
import { isObject, type Result } from '../protocol/jsonrpc.js';
import { answerPath } from '../protocol/redaction/answerPath.js';
import { changeAt } from '../protocol/redaction/changeAt.js';
import { dropped } from '../protocol/redaction/dropped.js';
import type { CallEnd } from './shadowCalls.js';

/**
 * Compares how two calls ended: as `{ result }`, `{ error }` (of a server) or `{ failure }` (a code of the gateway).
 *
 * `_meta` of a result, and how long it may be kept, say nothing of its content; nor does `content` where both have `structuredContent`,
 * which it is the text of. The eras say differently that a result is whole.
 *
 * @param ignore paths of what is not to be compared; see {@link answerPath}
 * @throws TypeError for a path that can't be read
 */
export const comparedAnswers = (
  ignore: readonly string[],
): ((one: CallEnd, other: CallEnd) => readonly Difference[]) => {
  const ignored = ignore.map((text) => {
    const path = answerPath(text);
    if (path === undefined)
      throw new TypeError(`${text} is no path into an answer: write $..updatedAt, or /result/content`);
    return path;
  });
  const without = (value: unknown): unknown =>
    ignored.reduce((left, path) => changeAt(left, path, () => dropped), value);
  return (one, other) => {
    const structured = isStructured(one) && isStructured(other);
    return differences(without(contentOf(one, structured)), without(contentOf(other, structured)));
  };
};

const resultOf = (end: CallEnd): Result | undefined =>
  'reply' in end && end.reply.kind === 'result' ? end.reply.result : undefined;

const isStructured = (end: CallEnd): boolean => isObject(resultOf(end)?.['structuredContent']);

const contentOf = (end: CallEnd, structured: boolean): unknown => {
  if ('error' in end) return { failure: fromUnknown(end.error).code };
  const result = resultOf(end);
  if (result === undefined) return 'error' in end.reply ? { error: end.reply.error } : {};
  const { _meta, ttlMs: _ttlMs, cacheScope: _scope, resultType, isError, content, ...rest } = result;
  return {
    result: {
      ...rest,
      // What is said by saying nothing.
      ...(resultType !== 'complete' && { resultType }),
      ...(isError !== false && { isError }),
      ...(!structured && { content }),
    },
  };
};
