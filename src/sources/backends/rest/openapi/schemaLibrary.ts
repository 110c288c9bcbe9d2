import { convertSchema, type ConvertedSchema, type ConvertSchemaOptions } from './convertSchema.js';
import { LeftOut } from './leftOut.js';
import { resolveRef, type OpenApiDocument } from './resolveRef.js';

/** The schemas of one document that are referred to, in one direction. */
export interface SchemaLibrary {
  readonly options: ConvertSchemaOptions;
  /** The name of what a reference leads to, the same for every tool. */
  nameOf(ref: string): string;
  /**
   * What a reference leads to.
   *
   * @throws LeftOut, each time, if it can't be used
   */
  definition(ref: string): ConvertedSchema;
}

/**
 * Converts each schema once and keeps it, so that the tools of a document share it: in documents whose schemas all refer to each
 * other, converting them for each tool took minutes.
 */
export const schemaLibrary = (
  document: OpenApiDocument,
  direction: ConvertSchemaOptions['direction'],
): SchemaLibrary => {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const definitions = new Map<string, ConvertedSchema | LeftOut>();

  const nameOf = (ref: string): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const wanted = (ref.split('/').at(-1) ?? '').replace(/[^\w.-]/g, '_') || 'schema';
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
    names.set(ref, name);
    taken.add(name);
    return name;
  };
  const options: ConvertSchemaOptions = { document, direction, nameOf };

  const convertedOf = (ref: string): ConvertedSchema | LeftOut => {
    try {
      return convertSchema(resolveRef(document, ref), options);
    } catch (error) {
      if (error instanceof LeftOut) return error;
      throw error;
    }
  };

  return {
    options,
    nameOf,
    definition(ref) {
      const found = definitions.get(ref) ?? convertedOf(ref);
      definitions.set(ref, found);
      if (found instanceof LeftOut) throw found;
      return found;
    },
  };
};
