import { href } from './href.js';
import { route } from './route.js';

/** Changes entries of the query of where one is ('' takes one out), without a step for the button back. */
export const setQuery = (changes: Readonly<Record<string, string>>): void => {
  const { path, query } = route.value;
  const next = { ...Object.fromEntries(query), ...changes };
  history.replaceState(null, '', href(path, next));
  route.value = { path, query: new URLSearchParams(href('', next).split('?', 2)[1] ?? '') };
};
