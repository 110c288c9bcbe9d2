import { catchError, from, throwError } from 'rxjs';
import type { RewriteBindings } from '../protocol/transform/rewrite.js';
import { RewriteError } from '../protocol/transform/rewriteError.js';
import { followed } from './followed.js';
import type { Prompt } from './sessions.js';
import { transformFailed } from './transformFailed.js';
import type { PlacedRewrite } from './transforms.js';

/**
 * A value after all rules, one after the other: at once unless one of them is an expression.
 *
 * @returns errors with, or throws, `ERR_TRANSFORM_FAILED`; what was in the value is not in it
 */
export const rewritten = (
  value: unknown,
  rules: readonly PlacedRewrite[],
  bindings: RewriteBindings,
): Prompt<unknown> => {
  const [first, ...rest] = rules;
  if (first === undefined) return value;
  return followed(once(value, first, bindings), (next) => rewritten(next, rest, bindings));
};

const once = (
  value: unknown,
  { rewrite, place }: PlacedRewrite,
  bindings: RewriteBindings,
): Prompt<unknown> => {
  try {
    const next = rewrite(value, bindings);
    return next instanceof Promise
      ? from(next as Promise<unknown>).pipe(
          catchError((error: unknown) => throwError(() => failed(error, place))),
        )
      : next;
  } catch (error) {
    throw failed(error, place);
  }
};

const failed = (error: unknown, place: string) =>
  transformFailed(`${place}: ${error instanceof RewriteError ? error.message : 'the rule failed'}`);
