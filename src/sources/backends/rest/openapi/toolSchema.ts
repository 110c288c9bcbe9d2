import { restLimits } from '../restLimits.js';
import { convertSchema } from './convertSchema.js';
import type { SchemaLibrary } from './schemaLibrary.js';

/** Puts one schema of one tool together. */
export interface ToolSchema {
  /** A part of it, converted; what it refers to will be among the `defs`. Throws `LeftOut`. */
  part(schema: unknown): unknown;
  /** All the parts refer to, and so on; undefined for nothing. Throws `LeftOut`. */
  defs(): Readonly<Record<string, unknown>> | undefined;
  /** Whether `defs` had to stop somewhere. */
  readonly cut: boolean;
}

/** Stands for what there is no room for: allows anything, the backend knows better. */
const unknown = Object.freeze({ description: 'Not shown here: the schema is too large' });

/**
 * A schema for a tool, of at most about `maxNodes` nodes: definitions near to the root come first, and those there is no room for
 * allow anything.
 */
export const toolSchema = (library: SchemaLibrary, maxNodes: number): ToolSchema => {
  // In the order they were found, and so by distance from the root. Grows while it is gone through.
  const found = new Set<string>();
  let nodes = 0;
  let levels = 0;
  let cut = false;
  return {
    part(schema) {
      const converted = convertSchema(schema, library.options);
      nodes += converted.nodes;
      for (const ref of converted.refs) found.add(ref);
      return converted.schema;
    },
    defs() {
      if (found.size === 0) return undefined;
      const defs = new Map<string, unknown>();
      for (const ref of found) {
        const full = nodes >= maxNodes || levels >= restLimits.schemaLevels;
        const definition = full ? undefined : library.definition(ref);
        defs.set(library.nameOf(ref), definition === undefined ? unknown : definition.schema);
        if (definition === undefined) {
          cut = true;
          continue;
        }
        nodes += definition.nodes;
        levels += definition.levels;
        for (const next of definition.refs) found.add(next);
      }
      return Object.fromEntries(defs);
    },
    get cut() {
      return cut;
    },
  };
};
