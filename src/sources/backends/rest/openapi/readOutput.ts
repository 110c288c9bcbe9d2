import { isObject } from '../../../../protocol/jsonrpc.js';
import { mediaType } from '../mediaType.js';
import { restLimits } from '../restLimits.js';
import { dereferenced } from './dereferenced.js';
import { isObjectSchema } from './isObjectSchema.js';
import { resolveRef, type OpenApiDocument } from './resolveRef.js';
import type { SchemaLibrary } from './schemaLibrary.js';
import { toolSchema } from './toolSchema.js';

/** What an operation's successful answers say about its tool. */
export interface Output {
  /** Undefined unless every success is one and the same JSON object. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** Whether it may answer in parts (SSE, NDJSON). */
  readonly streaming: boolean;
}

/**
 * Reads the 2xx responses.
 *
 * A tool with an output schema must always give `structuredContent` that fits it, so one is made only where every success is a
 * JSON object of one schema; 204 beside 200 means none.
 *
 * @param library the document's schemas, for output
 * @throws LeftOut for references that are not followed
 */
export const readOutput = (document: OpenApiDocument, responses: unknown, library: SchemaLibrary): Output => {
  const successes = Object.entries(isObject(responses) ? responses : {})
    .filter(([status]) => /^2(?:\d\d|XX)$/i.test(status))
    .map(([, response]) => dereferenced(document, response)['content']);
  const media = successes.flatMap((content) => (isObject(content) ? Object.entries(content) : []));
  const kinds = new Set(media.map(([type]) => mediaType(type).kind));
  const streaming = kinds.has('sse') || kinds.has('ndjson');
  const [type] = media;
  if (type === undefined || successes.length !== 1 || media.length !== 1 || !kinds.has('json'))
    return { schema: undefined, streaming };
  const { schema } = dereferenced(document, type[1]);
  return {
    schema: isObjectSchema(document, schema) ? outputSchema(document, schema, library) : undefined,
    streaming,
  };
};

const outputSchema = (
  document: OpenApiDocument,
  schema: unknown,
  library: SchemaLibrary,
): Output['schema'] => {
  const schemas = toolSchema(library, restLimits.outputNodes);
  const root = schemas.part(unreferenced(document, schema));
  const defs = schemas.defs();
  return { ...(isObject(root) ? root : {}), type: 'object', ...(defs === undefined ? {} : { $defs: defs }) };
};

/** The root must say itself that it is an object, so its reference is resolved; those within stay. */
const unreferenced = (document: OpenApiDocument, schema: unknown): unknown => {
  let current = schema;
  // isObjectSchema has followed the same chain: it ends.
  while (isObject(current) && current['$ref'] !== undefined) current = resolveRef(document, current['$ref']);
  return current;
};
