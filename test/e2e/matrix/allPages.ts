/** Follows `nextCursor` to the end; at most 20 pages, so that a cursor which leads in a circle is found out. */
export const allPages = async <T>(
  page: (
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
): Promise<readonly T[]> => {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < 20; count++) {
    const { items, next } = await page(cursor);
    all.push(...items);
    if (next === undefined) return all;
    cursor = next;
  }
  throw new Error('the list has no end');
};
