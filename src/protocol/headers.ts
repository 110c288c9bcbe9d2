/**
 * HTTP headers that mirror the body of a request (revision 2026-07-28, transports/streamable-http: `Mcp-Name`, `Mcp-Param-*`,
 * `x-mcp-header`). Pure: both the side that sends them and the side that checks them use this file.
 */
import { isObject, type Params } from './jsonrpc.js';

const sentinel = { start: '=?base64?', end: '?=' } as const;
const plainText = /^[\x20-\x7e]*$/;
const fieldText = /^[\t\x20-\x7e]*$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Deepest nesting of a schema that is searched for annotations. */
const maxSchemaDepth = 64;

/**
 * Writes a value as an HTTP field value: as it is when it is plain ASCII, else `=?base64?<base64 of its UTF-8>?=`.
 *
 * @param value a string, a safe integer or a boolean
 */
export const encodeHeaderValue = (value: string | number | boolean): string => {
  const text = typeof value === 'string' ? value : String(value);
  return isPlain(text)
    ? text
    : `${sentinel.start}${Buffer.from(text, 'utf8').toString('base64')}${sentinel.end}`;
};

// A tab is legal inside a field but a control character all the same: it travels encoded.
const isPlain = (text: string): boolean =>
  plainText.test(text) && !text.startsWith(' ') && !text.endsWith(' ') && !isSentinel(text);

const isSentinel = (text: string): boolean =>
  text.length >= sentinel.start.length + sentinel.end.length &&
  text.startsWith(sentinel.start) &&
  text.endsWith(sentinel.end);

/**
 * Reads a field value back; white space around it does not count.
 *
 * @returns the text, or undefined when it is malformed: characters that a field must not hold, base64 that is not strict
 *   (alphabet, padding, unused bits), bytes that are not UTF-8. Text without the exact sentinel is literal
 */
export const decodeHeaderValue = (raw: string): string | undefined => {
  const text = raw.replace(/^[ \t]+|[ \t]+$/g, '');
  if (!fieldText.test(text)) return undefined;
  if (!isSentinel(text)) return text;
  const encoded = text.slice(sentinel.start.length, -sentinel.end.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Node skips what it does not understand; what does not come back the same was not base64.
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined; // not UTF-8: the decoder's only complaint
  }
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A property of a tool's arguments that travels as a header too. */
export interface HeaderParameter {
  /** The whole header name, `Mcp-Param-…`, in the schema's spelling. */
  readonly header: string;
  /** Where its value stands in the arguments. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

/**
 * Finds the `x-mcp-header` annotations of a tool's input schema.
 *
 * @returns the annotated properties in the schema's order, or why the tool must not be offered over HTTP
 */
export const headerParameters = (
  inputSchema: Readonly<Record<string, unknown>>,
): readonly HeaderParameter[] | { readonly invalid: string } => {
  const found: HeaderParameter[] = [];
  const names = new Set<string>();
  const invalid = visit(inputSchema, [], true, (annotation, type, path) => {
    const place = path.join('.');
    if (typeof annotation !== 'string' || !token.test(annotation))
      return `${place}: x-mcp-header is not a header name`;
    if (type !== 'string' && type !== 'integer' && type !== 'boolean')
      return `${place}: x-mcp-header stands on a property that is no string, integer or boolean`;
    if (names.has(annotation.toLowerCase())) return `${place}: x-mcp-header "${annotation}" is used twice`;
    names.add(annotation.toLowerCase());
    found.push({ header: `Mcp-Param-${annotation}`, path, type });
    return undefined;
  });
  return invalid === undefined ? found : { invalid };
};

type Judge = (annotation: unknown, type: unknown, path: readonly string[]) => string | undefined;

/** Walks a schema; `reachable` is false below anything but `properties`, where an annotation is not allowed. */
const visit = (
  schema: unknown,
  path: readonly string[],
  reachable: boolean,
  judge: Judge,
): string | undefined => {
  if (!isObject(schema)) return undefined;
  if (path.length > maxSchemaDepth) return `the schema is nested deeper than ${maxSchemaDepth} levels`;
  if ('x-mcp-header' in schema) {
    if (!reachable || path.length === 0)
      return `${path.join('.') || 'the root'}: x-mcp-header is allowed on properties of objects only`;
    const fault = judge(schema['x-mcp-header'], schema['type'], path);
    if (fault !== undefined) return fault;
  }
  for (const [key, value] of Object.entries(schema)) {
    for (const [name, child] of subschemas(key, value)) {
      const fault = visit(child, [...path, name], reachable && key === 'properties', judge);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
};

const maps = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);
const singles = new Set(
  'items additionalItems prefixItems contains additionalProperties unevaluatedItems unevaluatedProperties propertyNames not if then else oneOf anyOf allOf contentSchema'.split(
    ' ',
  ),
);

// `enum`, `const`, `default` and `examples` hold data, where `x-mcp-header` means nothing.
const subschemas = (keyword: string, value: unknown): readonly (readonly [string, unknown])[] => {
  if (maps.has(keyword)) return isObject(value) ? Object.entries(value) : [];
  if (!singles.has(keyword)) return [];
  return (Array.isArray(value) ? value : [value]).map((child: unknown) => [keyword, child] as const);
};

/**
 * The `Mcp-Param-*` headers of one call. Absent and null arguments have none, nor have values that no header can hold
 * (objects, arrays, integers beyond ±(2^53−1)).
 *
 * @param parameters what {@link headerParameters} found
 * @param args the call's arguments
 */
export const parameterHeaders = (
  parameters: readonly HeaderParameter[],
  args: Params | undefined,
): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const { header, path } of parameters) {
    const value = valueAt(args, path);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      headers[header] = encodeHeaderValue(value);
  }
  return headers;
};

const valueAt = (args: unknown, path: readonly string[]): unknown => {
  let value = args;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
};

/** The param that `Mcp-Name` mirrors; undefined for a method that has no such header. */
export const nameHeaderSource = (method: string): 'name' | 'uri' | 'taskId' | undefined => {
  if (method === 'tools/call' || method === 'prompts/get') return 'name';
  if (method === 'tasks/get' || method === 'tasks/update' || method === 'tasks/cancel') return 'taskId';
  return method === 'resources/read' ? 'uri' : undefined;
};
