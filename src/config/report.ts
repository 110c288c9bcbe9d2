import type { Diagnostic } from './configError.js';
import { diagnose, type Place, type Tree } from './tree.js';

/** Collects what the checks find. */
export interface Report {
  /** Adds a diagnostic about the value (or the key) at a pointer. */
  readonly add: (pointer: string, message: string, remedy: string, at?: keyof Place) => void;
  /** Whether nothing is known to be wrong at a pointer, above or beneath it: only then its types can be trusted. */
  readonly sound: (pointer: string) => boolean;
  /** A value for a message: in backticks if it stands in the file, `this value` if it came from the environment. */
  readonly show: (pointer: string, value: string) => string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * @param tree the file
 * @param wrong pointers of the values that the schema refused or that could not be expanded
 */
export const report = (tree: Tree, wrong: ReadonlySet<string>): Report => {
  const diagnostics: Diagnostic[] = [];
  return {
    add: (pointer, message, remedy, at = 'value') =>
      void diagnostics.push(diagnose(tree, pointer, at, message, remedy)),
    sound: (pointer) =>
      ![...wrong].some((bad) => bad === '' || isWithin(bad, pointer) || isWithin(pointer, bad)),
    show: (pointer, value) => (tree.expanded.has(pointer) ? 'This value' : `\`${value}\``),
    diagnostics,
  };
};

const isWithin = (pointer: string, outer: string): boolean =>
  pointer === outer || pointer.startsWith(`${outer}/`);
