import { isObject } from '../../../../protocol/jsonrpc.js';
import type { BodyEncoding } from '../restTool.js';
import { dereferenced } from './dereferenced.js';
import { LeftOut } from './leftOut.js';
import type { OpenApiDocument } from './resolveRef.js';
import type { ToolSchema } from './toolSchema.js';

/** An operation's request body as the argument `body` of a tool. */
export interface RequestBody {
  readonly schema: unknown;
  readonly required: boolean;
  readonly encoding: BodyEncoding;
  readonly contentType: string;
}

interface Choice {
  readonly encoding: BodyEncoding;
  readonly fits: (type: string) => boolean;
}

/** What can be sent, the best first. */
const choices: readonly Choice[] = [
  { encoding: 'json', fits: (type) => type === 'application/json' },
  { encoding: 'json', fits: (type) => type.endsWith('+json') },
  { encoding: 'form', fits: (type) => type === 'application/x-www-form-urlencoded' },
  { encoding: 'multipart', fits: (type) => type === 'multipart/form-data' },
  { encoding: 'json', fits: (type) => type === '*/*' || type === 'application/*' },
  { encoding: 'text', fits: (type) => type.startsWith('text/') || type === 'application/xml' },
];

/**
 * Reads a request body: JSON, a form, a multipart form of text fields, or text.
 *
 * @returns undefined if the operation has none, or an optional one that can't be sent
 * @throws LeftOut if it requires one that can't be sent, such as a file
 */
export const readRequestBody = (
  document: OpenApiDocument,
  raw: unknown,
  schemas: ToolSchema,
): RequestBody | undefined => {
  if (raw === undefined) return undefined;
  const body = dereferenced(document, raw);
  const required = body['required'] === true;
  const content = isObject(body['content']) ? Object.entries(body['content']) : [];
  for (const { encoding, fits } of choices) {
    const [type, media] = content.find(([name]) => fits(essenceOf(name))) ?? [];
    if (type === undefined) continue;
    const schema = dereferenced(document, media)['schema'] ?? (encoding === 'text' ? { type: 'string' } : {});
    if (encoding === 'multipart' && hasFile(document, schema)) continue;
    const contentType = type.includes('*') ? 'application/json' : essenceOf(type);
    return {
      schema: described(schemas.part(schema), body['description']),
      required,
      encoding,
      contentType,
    };
  }
  if (required) {
    const types = content.map(([type]) => type.slice(0, 60)).join(', ');
    throw new LeftOut(`its request body can't be sent (${types || 'no content type'})`);
  }
  return undefined;
};

const essenceOf = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase();

const described = (schema: unknown, description: unknown): unknown =>
  typeof description === 'string' && isObject(schema) && schema['description'] === undefined
    ? { ...schema, description }
    : schema;

/** A field of bytes: `format: binary` (3.0), or a content type of its own or none at all (3.1). */
const hasFile = (document: OpenApiDocument, schema: unknown): boolean => {
  const { properties } = isObject(schema) ? dereferenced(document, schema) : {};
  return Object.values(isObject(properties) ? properties : {}).some((property) => {
    const found = isObject(property) ? dereferenced(document, property) : {};
    const item = isObject(found['items']) ? dereferenced(document, found['items']) : {};
    return [found, item].some((one) => one['format'] === 'binary' || one['contentMediaType'] !== undefined);
  });
};
