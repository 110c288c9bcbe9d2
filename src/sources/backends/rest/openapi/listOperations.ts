import { createHash } from 'node:crypto';
import { isObject } from '../../../../protocol/jsonrpc.js';
import { restLimits } from '../restLimits.js';
import { dereferenced } from './dereferenced.js';
import type { OpenApiDocument } from './resolveRef.js';

/** One operation of a document, before anything in it has been looked at. */
export interface Operation {
  /** The tool's name: `[A-Za-z0-9_-]`, unique in the document. */
  readonly name: string;
  /** As the document says it; undefined where it says none. */
  readonly operationId: string | undefined;
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  /** Raw parameters, those of the path first. */
  readonly parameters: readonly unknown[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** The operation or its path names servers of its own. */
  readonly ownServers: boolean;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;

/**
 * The operations of a document, in its order, named.
 *
 * A name is the operationId with `_` for what doesn't fit, or `{method}_{path}`. Names depend on nothing but the operation itself,
 * so they don't move when others come and go, with one exception: where several operations would share a name, each of them gets
 * a hash of its method and path at the end, and nobody gets the bare one: a call must never silently reach another operation.
 *
 * @param warn told of path items that can't be read, names that several share, and operations beyond the limit
 */
export const listOperations = (
  document: OpenApiDocument,
  warn: (warning: string) => void,
): readonly Operation[] => {
  const found = foundIn(document, warn);
  const kept = found.slice(0, restLimits.operations);
  if (found.length > kept.length)
    warn(`${found.length - kept.length} operations beyond the first ${restLimits.operations} are left out`);
  const sharing = new Map<string, number>();
  for (const { name } of kept) sharing.set(name, (sharing.get(name) ?? 0) + 1);
  for (const [name, count] of sharing)
    if (count > 1) warn(`${count} operations are called "${name}": each has a suffix now`);
  return kept.map((operation) => ((sharing.get(operation.name) ?? 0) > 1 ? suffixed(operation) : operation));
};

const foundIn = (document: OpenApiDocument, warn: (warning: string) => void): Operation[] => {
  const found: Operation[] = [];
  const { paths } = document;
  if (!isObject(paths)) return found;
  for (const [path, value] of Object.entries(paths)) {
    if (!path.startsWith('/')) continue; // `x-…`
    let item: Readonly<Record<string, unknown>>;
    try {
      item = dereferenced(document, value);
    } catch (error) {
      warn(`path ${path} is left out: ${error instanceof Error ? error.message : 'unreadable'}`);
      continue;
    }
    for (const method of methods) {
      const facts = item[method];
      if (isObject(facts)) found.push(operationOf(method, path, item, facts));
    }
  }
  return found;
};

const operationOf = (
  method: string,
  path: string,
  item: Readonly<Record<string, unknown>>,
  facts: Readonly<Record<string, unknown>>,
): Operation => {
  const id = facts['operationId'];
  const operationId = typeof id === 'string' && id !== '' ? id : undefined;
  return {
    name: (operationId === undefined ? '' : fit(operationId)) || fit(`${method} ${path}`),
    operationId,
    method: method.toUpperCase(),
    path,
    parameters: [...listOf(item['parameters']), ...listOf(facts['parameters'])],
    facts,
    ownServers: listOf(item['servers']).length > 0 || listOf(facts['servers']).length > 0,
  };
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Letters, digits, `_` and `-`; runs of anything else are one `_`, none at the ends. */
const fit = (text: string): string => text.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');

const suffixed = (operation: Operation): Operation => {
  const hash = createHash('sha256').update(`${operation.method} ${operation.path}`).digest('hex');
  return { ...operation, name: `${operation.name}_${hash.slice(0, 8)}` };
};
