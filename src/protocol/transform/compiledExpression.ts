import jsonata from 'jsonata';
import { LinearRegExp } from './linearRegExp.js';
import { plainJson } from './plainJson.js';
import type { Rewrite } from './rewrite.js';
import { RewriteError } from './rewriteError.js';

/** Longest time an expression may take, in milliseconds, in which nothing else happens: usual ones take a fraction of one. */
const maxMs = 250;
/** Deepest nesting of its calls: well before the stack of the program ends. */
const maxDepth = 300;
/** Most elements of one of its sequences. */
const maxSequence = 100_000;
/** Longest text that padding makes. */
const maxPadded = 1_000_000;

/**
 * Compiles a JSONata expression. What it is evaluated on is `$`; beside it there are `$context` and `$arguments`.
 *
 * > It is code of whoever runs the gateway, over values of strangers: bounded in time, depth and length, its patterns are RE2, and what
 * > strangers say is never run as code (there is no `$eval`).
 *
 * JSONata evaluates asynchronously, though it waits for nothing: a rewrite gives a promise.
 *
 * @throws RewriteError that says where the expression is wrong
 */
export const compiledExpression = (text: string): Rewrite => {
  const expression = parsed(text);
  // Two that would let values of strangers be code, or grow beyond all bounds.
  expression.registerFunction('eval', refused('$eval would run texts of strangers as code'), '<sx?:x>');
  expression.registerFunction('pad', padded, '<s-ns?:s>');
  return async (value, { context, arguments: sent }) => {
    let given: unknown;
    try {
      given = await expression.evaluate(value, { context, arguments: sent });
    } catch (error) {
      throw new RewriteError(`The expression failed: ${told(error)}`);
    }
    return plainJson(given);
  };
};

const parsed = (text: string): jsonata.Expression => {
  try {
    const expression = jsonata(text, {
      timeout: maxMs,
      stack: maxDepth,
      sequence: maxSequence,
      RegexEngine: LinearRegExp as unknown as RegExpConstructor,
    });
    confirmParts(expression.ast());
    return expression;
  } catch (error) {
    throw error instanceof RewriteError ? error : new RewriteError(explained(error));
  }
};

/** What the parser takes and can't be run here: looked for in every part of the expression. */
const confirmParts = (part: unknown): void => {
  if (typeof part !== 'object' || part === null) return;
  if (part instanceof RegExp) {
    try {
      new LinearRegExp(part);
    } catch {
      throw new RewriteError(
        `the pattern ${String(part)} is not in RE2 syntax (no look-around, no back-references)`,
      );
    }
    return;
  }
  const { type, value } = part as { readonly type?: unknown; readonly value?: unknown };
  if (type === 'variable' && value === 'eval')
    throw new RewriteError('`$eval` would run texts of strangers as code');
  for (const child of Object.values(part)) confirmParts(child);
};

const refused = (why: string) => (): never => {
  throw new RewriteError(why);
};

const padded = (text: string | undefined, width: number, by = ' '): string | undefined => {
  if (text === undefined) return undefined;
  if (Math.abs(width) > maxPadded) throw new RewriteError('$pad makes no text of that length');
  const missing = Math.abs(Math.trunc(width)) - Array.from(text).length;
  if (missing <= 0) return text;
  const signs = Array.from(by === '' ? ' ' : by);
  const padding = Array.from({ length: missing }, (_none, index) => signs[index % signs.length]).join('');
  return width > 0 ? text + padding : padding + text;
};

/** What may be told of a failure at work: its code and place, for the message of JSONata quotes the value. */
const told = (error: unknown): string => {
  if (error instanceof RewriteError) return error.message;
  const { code, position } = (error ?? {}) as { readonly code?: unknown; readonly position?: unknown };
  const why = typeof code === 'string' ? (reasons[code] ?? `JSONata ${code}`) : 'JSONata gave up';
  return typeof position === 'number' ? `${why}, at character ${position}` : why;
};

const reasons: Readonly<Record<string, string>> = {
  D1011: 'it calls itself too deeply',
  D1012: `it takes longer than ${maxMs} ms`,
  D2014: 'it makes a sequence that is too long',
  D2015: `it makes a sequence of more than ${maxSequence} elements`,
  D3137: 'it says so itself ($error)',
  D3141: 'it says so itself ($assert)',
};

/** What is wrong with the expression itself, which is nobody's secret. */
const explained = (error: unknown): string => {
  const { message, position } = (error ?? {}) as { readonly message?: unknown; readonly position?: unknown };
  const at = typeof position === 'number' ? ` (at character ${position})` : '';
  return `${typeof message === 'string' ? message : 'it can not be read'}${at}`;
};
