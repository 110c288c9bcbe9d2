import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { readYaml } from '../config/readYaml.js';
import type { Tree } from '../config/tree.js';
import type { PlaceOf } from '../gateway/explain/located.js';
import type { Terminal } from './terminal.js';

/** Finds lines in a configuration file, which is read when somebody asks: it may have been edited. */
export const placesIn = (path: string, { cwd, env }: Pick<Terminal, 'cwd' | 'env'>): PlaceOf => {
  const file = resolve(cwd, path);
  const shown = relative(cwd, file);
  let known: { readonly text: string; readonly places: Tree['places'] } | undefined;
  const places = (): Tree['places'] => {
    const text = readFileSync(file, 'utf8');
    if (known?.text !== text) known = { text, places: readYaml(text, { file: shown, env }).tree.places };
    return known.places;
  };
  return (pointer) => {
    try {
      const all = places();
      for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        const place = all.get(at);
        if (place !== undefined) return { file: shown, line: place.key.line };
      }
    } catch {
      // In the middle of an edit, or gone: the pointer says enough.
    }
    return undefined;
  };
};
