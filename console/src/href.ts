/** What a query may hold; undefined and '' leave the entry out. */
type Query = Readonly<Record<string, string | number | undefined>>;

/** The address of a view: `href(['calls', id])`, `href('calls', { tool })`. */
export const href = (path: string | readonly string[], query: Query = {}): string => {
  const parts = typeof path === 'string' ? [path] : path;
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, String(value)]],
    ),
  ).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
};
