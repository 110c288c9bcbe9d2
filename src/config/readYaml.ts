import { isScalar, LineCounter, parseDocument } from 'yaml';
import { ConfigError, type Diagnostic } from './configError.js';
import type { Env } from './expandEnv.js';
import { limits } from './limits.js';
import { tooDeep } from './tooDeep.js';
import type { Tree } from './tree.js';
import { walkYaml } from './walkYaml.js';

/**
 * Parses a configuration file into plain data and the places it came from, expanding the environment in its values.
 *
 * Syntax errors end it at once, with all of them; what is wrong with single values is returned for later.
 *
 * @throws ConfigError for text that is no YAML, is empty, or means more values than any configuration
 */
export const readYaml = (
  text: string,
  { file, env }: { readonly file: string; readonly env: Env },
): { readonly tree: Tree; readonly diagnostics: readonly Diagnostic[] } => {
  if (Buffer.byteLength(text) > limits.maxConfigBytes)
    throw new ConfigError([{ file, ...start, ...tooLong }]);
  const deep = tooDeep(text);
  if (deep !== undefined) {
    const before = text.slice(0, deep).split('\n');
    const place = { line: before.length, column: (before.at(-1) ?? '').length + 1, path: '' };
    throw new ConfigError([{ file, ...place, ...tooNested }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false, // They quote the source, which may hold secrets.
    stringKeys: true,
    uniqueKeys: false, // Compares every pair of keys; the walk does it in linear time.
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    throw new ConfigError(
      // One slip makes many; the first few are the ones that help.
      faults.slice(0, 10).map(({ message, pos }) => {
        const { line, col: column } = lines.linePos(pos[0]);
        const source = text.split('\n', line)[line - 1] ?? '';
        return {
          file,
          line,
          column,
          path: '',
          // Some of its messages end with the piece of source they stumbled on, which may be a secret.
          message: `Not valid YAML: ${message.replace(/: ".*$/s, '')}`,
          remedy: remedyFor(source),
        };
      }),
    );
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null))
    throw new ConfigError([{ file, ...start, ...empty }]);
  return walkYaml(document, { file, env, text, lines });
};

const start = { line: 1, column: 1, path: '' };

const tooLong = {
  message: `The file is longer than ${limits.maxConfigBytes / 1024} KiB`,
  remedy: 'Move large parts, such as OpenAPI documents, into files of their own',
};

const tooNested = {
  message: `The file has more than ${limits.maxConfigDepth} levels`,
  remedy: 'Close the brackets, or nest less',
};

// An editor that truncates before it writes must not make a gateway without servers.
const empty = { message: 'The file is empty', remedy: 'Write at least one server under `servers:`' };

const remedyFor = (source: string): string =>
  /[[{].*\$\{/.test(source)
    ? 'Inside { } and [ ], put values with ${…} in quotes'
    : 'Indent by spaces, and put text with special characters in quotes';
