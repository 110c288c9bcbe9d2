import { notesOnAuth } from './notesOnAuth.js';
import { notesOnOpa } from './notesOnOpa.js';
import type { Note, Say, Surroundings } from './note.js';
import { childPointer, dotted } from './pointer.js';
import type { RawConfig } from './schema.js';
import type { Tree } from './tree.js';

/** What is allowed and may yet surprise, in the order of the file. */
export const notesOn = (tree: Tree, config: RawConfig, around: Surroundings): Note[] => {
  const notes: Note[] = [];
  const say: Say = (pointer, message, at = 'value') => {
    const { line, column } = tree.places.get(pointer)?.[at] ?? { line: 1, column: 1 };
    notes.push({ path: dotted(pointer), line, column, message });
  };
  noteSharedNames(config, say);
  notesOnAuth(config, around, say);
  notesOnOpa(config, around, say);
  return notes.sort((a, b) => a.line - b.line || a.column - b.column);
};

/** Servers without a prefix, whose tools can have the same names. */
const noteSharedNames = ({ servers = {} }: RawConfig, say: Say): void => {
  const [first, ...others] = Object.entries(servers)
    .filter(([, { prefix }]) => prefix === '')
    .map(([name]) => name);
  for (const name of others)
    say(
      `${childPointer('/servers', name)}/prefix`,
      `like \`${first ?? ''}\`, this server has no prefix: of tools with the same name, one is renamed`,
      'key',
    );
};
