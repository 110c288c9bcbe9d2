import { Lexer, Parser } from 'yaml';
import { limits } from './limits.js';

/**
 * Where a YAML text nests deeper than any configuration, as an offset; undefined when it does not.
 *
 * The parser proper recurses. Some thousand brackets take it minutes, and at the end of the stack V8 may abort the process rather
 * than throw. Its lexer and token parser do not recurse, so they look first; on a text of usual size that is a millisecond.
 */
export const tooDeep = (text: string): number | undefined => {
  const parser = new Parser();
  // A level is a collection and, in block style, the one entry that holds the next.
  const most = 2 * limits.maxConfigDepth;
  for (const lexeme of new Lexer().lex(text)) {
    for (const _finished of parser.next(lexeme));
    if (parser.stack.length > most) return parser.offset - lexeme.length;
  }
  return undefined;
};
