import type { Diagnostic } from './configError.js';
import { dotted } from './pointer.js';

/** A line and a column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a value of the document stands; `key` is where its key does (for entries of lists, the entry itself). */
export interface Place {
  readonly key: Position;
  readonly value: Position;
}

/** A configuration file as plain data, with everything needed to speak about its places. Keys of the maps: JSON Pointers. */
export interface Tree {
  readonly file: string;
  readonly value: unknown;
  readonly places: ReadonlyMap<string, Place>;
  /** Values with something from the environment in them: never shown. */
  readonly expanded: ReadonlySet<string>;
  /** Of these, the ones that were one `${…}` and nothing else. */
  readonly whole: ReadonlySet<string>;
  /** Values that could not be expanded: already reported, whatever else they look like. */
  readonly broken: ReadonlySet<string>;
}

/** A {@link Diagnostic} about what a pointer names, at a position. */
export const diagnosticAt = (
  file: string,
  pointer: string,
  { line, column }: Position,
  message: string,
  remedy: string,
): Diagnostic => ({ file, line, column, path: dotted(pointer), message, remedy });

/** A {@link Diagnostic} about the key or the value at a pointer. */
export const diagnose = (
  tree: Tree,
  pointer: string,
  at: keyof Place,
  message: string,
  remedy: string,
): Diagnostic =>
  diagnosticAt(tree.file, pointer, tree.places.get(pointer)?.[at] ?? { line: 1, column: 1 }, message, remedy);
