import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from './apiError.js';
import { asApiError } from './asApiError.js';
import { request } from './request.js';
import type { Resource } from './useResource.js';

/** A list that the API gives in pages: what has been read of it so far. */
export interface Pages<Page, Row> extends Resource<{ readonly rows: readonly Row[]; readonly last: Page }> {
  /** There is more. */
  readonly more: boolean;
  /** Reads the next page; nothing while one is on its way. */
  next(): void;
}

interface Held<Page, Row> {
  readonly read?: { readonly rows: readonly Row[]; readonly last: Page };
  readonly error?: ApiError;
  readonly loading: boolean;
}

/**
 * Reads a list page by page, beginning anew when the path changes or `reload` is called; what is there stays until the new is.
 *
 * @param path with everything but the cursor
 * @param rowsOf what a page holds
 */
export const usePages = <Page extends { readonly next_cursor?: string }, Row>(
  path: string,
  rowsOf: (page: Page) => readonly Row[],
): Pages<Page, Row> => {
  const [held, setHeld] = useState<Held<Page, Row>>({ loading: true });
  const [turn, setTurn] = useState(0);
  const asking = useRef<AbortController>(undefined);

  const read = (cursor: string | undefined, before: readonly Row[]): void => {
    asking.current?.abort();
    const controller = new AbortController();
    asking.current = controller;
    setHeld((last) => ({ ...last, loading: true }));
    const address = cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`;
    request<Page>(address, { signal: controller.signal }).then(
      (page) => setHeld({ read: { rows: [...before, ...rowsOf(page)], last: page }, loading: false }),
      (error: unknown) => {
        if (!controller.signal.aborted) setHeld({ error: asApiError(error), loading: false });
      },
    );
  };

  useEffect(() => {
    read(undefined, []);
    return () => asking.current?.abort();
  }, [path, turn]);

  const cursor = held.read?.last.next_cursor;
  return {
    data: held.read,
    error: held.error,
    loading: held.loading,
    more: cursor !== undefined,
    next() {
      if (cursor !== undefined && !held.loading) read(cursor, held.read?.rows ?? []);
    },
    reload: () => setTurn((last) => last + 1),
  };
};
