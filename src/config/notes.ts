import { childPointer, dotted } from './pointer.js';
import type { RawConfig } from './schema.js';
import type { Note } from './settings.js';
import type { Tree } from './tree.js';

/** What is allowed and may yet surprise: servers without a prefix, whose tools can have the same names. */
export const notesOn = (tree: Tree, { servers = {} }: RawConfig): Note[] => {
  const [first, ...others] = Object.entries(servers)
    .filter(([, { prefix }]) => prefix === '')
    .map(([name]) => name);
  return others.map((name) => {
    const pointer = `${childPointer('/servers', name)}/prefix`;
    const { line, column } = tree.places.get(pointer)?.key ?? { line: 1, column: 1 };
    const message = `like \`${first ?? ''}\`, this server has no prefix: of tools with the same name, one is renamed`;
    return { path: dotted(pointer), line, column, message };
  });
};
