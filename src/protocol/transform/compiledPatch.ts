import { applyPatch } from 'rfc6902';
import type { PatchOperation } from './rewriteRule.js';
import type { Rewrite } from './rewrite.js';
import { RewriteError } from './rewriteError.js';

type Operation = Parameters<typeof applyPatch>[1][number];

/** Members that are not data: a patch that leads there would change what all objects share. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Compiles a JSON Patch. All of it is applied, to a copy, or nothing.
 *
 * @throws RewriteError that says which operation is wrong, counted from 1
 */
export const compiledPatch = (patch: readonly PatchOperation[]): Rewrite => {
  const operations = patch.map((operation, index) => {
    const wrong = faultOf(operation);
    if (wrong !== undefined) throw new RewriteError(`operation ${index + 1} (${operation.op}) ${wrong}`);
    return rooted(operation);
  });
  return (value) => {
    // In an object of its own, so that the value as a whole can be meant, too.
    const document = { root: structuredClone(value) };
    for (const [index, operation] of operations.entries()) {
      if (!leadsSomewhere(document, operation) || !isApplied(document, operation))
        throw new RewriteError(`Operation ${index + 1} (${operation.op}) does not fit the value`);
    }
    if (!('root' in document) || document.root === undefined) throw new RewriteError('It leaves nothing');
    return document.root;
  };
};

const isApplied = (document: object, operation: Operation): boolean => {
  try {
    return applyPatch(document, [operation])[0] === null;
  } catch {
    return false; // all that matters is that it does not fit
  }
};

/** What the library takes for members: those too that all objects have in common (`toString`), which are no data. */
const leadsSomewhere = (document: object, { op, path, ...more }: Operation): boolean => {
  const own = (pointer: readonly string[]): boolean => {
    let value: unknown = document;
    for (const member of pointer) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return false;
      value = (value as Readonly<Record<string, unknown>>)[member];
    }
    return true;
  };
  const members = membersOf(path).slice(1);
  const isThere = op === 'add' || op === 'move' || op === 'copy' ? own(members.slice(0, -1)) : own(members);
  return isThere && (!('from' in more) || own(membersOf(more.from).slice(1)));
};

const membersOf = (pointer: string): readonly string[] =>
  pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const faultOf = (operation: PatchOperation): string | undefined => {
  const { op, path, from } = operation;
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && from === undefined) return 'needs `from`';
  if (!needsFrom && from !== undefined) return 'takes no `from`';
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && !('value' in operation)) return 'needs a `value`';
  for (const pointer of [path, from ?? '']) {
    if (!/^(?:\/(?:[^~]|~[01])*)?$/.test(pointer))
      return `has no JSON Pointer: \`${pointer}\` must be empty or begin with \`/\`, with \`~0\` for \`~\``;
    const bad = membersOf(pointer).find((member) => forbidden.has(member));
    if (bad !== undefined) return `leads to \`${bad}\`, which is no data`;
  }
  return undefined;
};

const rooted = ({ op, path, from, value }: PatchOperation): Operation =>
  ({
    op,
    path: `/root${path}`,
    ...(from !== undefined && { from: `/root${from}` }),
    ...(value !== undefined && { value }),
  }) as Operation;
