import { signal } from '@preact/signals';

/** Where the reader is: a view, what it shows, and how. It lives in the fragment, so any server of static files will do. */
export interface Route {
  /** `['calls', 'ID']`; never empty: the overview is `['overview']`. */
  readonly path: readonly [string, ...string[]];
  readonly query: URLSearchParams;
}

const read = (): Route => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const [view = '', ...rest] = path.split('/').filter(Boolean).map(decoded);
  return { path: [view || 'overview', ...rest], query: new URLSearchParams(query) };
};

/** A link that somebody has cut short should not take the page down. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The route of now; follows links, and the buttons back and forward. */
export const route = signal<Route>(read());

addEventListener('hashchange', () => {
  route.value = read();
});
