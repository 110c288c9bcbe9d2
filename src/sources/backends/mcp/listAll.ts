import { EMPTY, expand, last, map, type Observable } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import { isObject, type Result } from '../../../protocol/jsonrpc.js';
import type { Reply } from '../../../streams/reply.js';
import { plainRequest } from './plainRequest.js';
import type { UpstreamEra } from './upstreamEra.js';

/** Bounds of one list. A server that goes on beyond them is heard no further. */
const maxPages = 100;
const maxItems = 10_000;

/** A whole list. */
export interface Listed {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** The shortest `ttlMs` of its pages. */
  readonly ttlMs: number | undefined;
  readonly warnings: readonly string[];
}

/** As much of a list as has been read, and where it goes on. */
interface Reading extends Listed {
  readonly cursor: string | undefined;
  readonly seen: readonly string[];
}

const nothing: Reading = { items: [], ttlMs: undefined, warnings: [], cursor: undefined, seen: [] };

/**
 * Reads a list to its end, page by page.
 *
 * @param method e.g. `tools/list`
 * @param key where the items stand in a page, e.g. `tools`
 * @returns one list. A method that the server does not know is an empty one; other errors it answers become `ERR_UPSTREAM_FAILED`
 */
export const listAll = (era: Pick<UpstreamEra, 'send'>, method: string, key: string): Observable<Listed> => {
  const read = (before: Reading, params: Result): Observable<Reading> =>
    era
      .send(plainRequest(method, params))
      .pipe(map((reply) => append(before, pageOf(reply, method), method, key)));
  return read(nothing, {}).pipe(
    expand((list) => (list.cursor === undefined ? EMPTY : read(list, { cursor: list.cursor }))),
    last(),
  );
};

const pageOf = (reply: Reply, method: string): Result => {
  if (reply.kind === 'result') return reply.result;
  if (reply.kind === 'error' && reply.error.code === -32601) return {};
  const cause = reply.kind === 'error' ? reply.error : undefined;
  throw refusal('ERR_UPSTREAM_FAILED', `The backend does not answer ${method}`, { cause });
};

const append = (before: Reading, page: Result, method: string, key: string): Reading => {
  const given = page[key];
  const objects = Array.isArray(given) ? given.filter(isObject) : [];
  const warnings = [...before.warnings];
  if (Array.isArray(given) && objects.length < given.length)
    warnings.push(`${method}: left out what is no object or nests too deeply`);
  const items = [...before.items, ...objects].slice(0, maxItems);
  const { nextCursor, ttlMs } = page;
  const cursor = typeof nextCursor === 'string' ? nextCursor : undefined;
  const endless =
    cursor !== undefined &&
    (items.length >= maxItems || before.seen.length >= maxPages - 1 || before.seen.includes(cursor));
  if (endless) warnings.push(`${method}: the list does not end; ${items.length} items of it are used`);
  return {
    items,
    ttlMs: typeof ttlMs === 'number' ? Math.min(before.ttlMs ?? Infinity, Math.max(0, ttlMs)) : before.ttlMs,
    warnings,
    cursor: endless ? undefined : cursor,
    seen: cursor === undefined ? before.seen : [...before.seen, cursor],
  };
};
