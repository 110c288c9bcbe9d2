import { isObject } from '../../../../protocol/jsonrpc.js';
import { isHeaderName } from '../baseHeaders.js';
import type { QueryStyle, Slot } from '../restTool.js';
import { dereferenced } from './dereferenced.js';
import { LeftOut } from './leftOut.js';
import type { Operation } from './listOperations.js';
import type { OpenApiDocument } from './resolveRef.js';
import type { ToolSchema } from './toolSchema.js';

/** An operation's parameters as arguments of a tool. */
export interface Parameters {
  /** argument → its schema */
  readonly properties: ReadonlyMap<string, unknown>;
  readonly required: readonly string[];
  readonly slots: readonly Slot[];
  /** The path template, its placeholders named like the arguments. */
  readonly path: string;
}

type Parameter = Readonly<Record<string, unknown>> & { readonly name: string; readonly in: string };

/** Headers that OpenAPI says are no parameters (3.1.1, 4.8.12.1), whatever a document lists. */
const ignoredHeaders = new Set(['accept', 'content-type', 'authorization']);

/**
 * Reads path, query and header parameters. Cookies are never sent: an operation that requires one is left out.
 *
 * Parameters of one name in several places become several arguments: the path's keeps the name, the others are called
 * `{name}_{place}`; the same goes for a parameter called `body` beside a request body.
 *
 * @param hasBody whether `body` is taken
 * @throws LeftOut for what can't be sent
 */
export const readParameters = (
  document: OpenApiDocument,
  operation: Operation,
  schemas: ToolSchema,
  hasBody: boolean,
): Parameters => {
  const properties = new Map<string, unknown>();
  const required: string[] = [];
  const slots: Slot[] = [];
  const inPath = new Set([...operation.path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? ''));
  const taken = new Set([...inPath, ...(hasBody ? ['body'] : [])]);
  const all = unique(document, operation.parameters);
  for (const name of inPath) {
    const parameter = all.find((candidate) => candidate.in === 'path' && candidate.name === name);
    properties.set(
      name,
      parameter === undefined ? { type: 'string' } : schemaOf(document, parameter, schemas),
    );
    required.push(name);
  }
  for (const parameter of all.filter(isSent)) {
    const argument = taken.has(parameter.name) ? `${parameter.name}_${parameter.in}` : parameter.name;
    if (taken.has(argument)) throw new LeftOut(`its parameter "${parameter.name}" has no name of its own`);
    taken.add(argument);
    properties.set(argument, schemaOf(document, parameter, schemas));
    if (parameter['required'] === true) required.push(argument);
    const place = parameter.in === 'header' ? 'header' : 'query';
    slots.push({ argument, in: place, name: parameter.name, style: styleOf(parameter) });
  }
  return { properties, required, slots, path: operation.path };
};

/** References resolved; a parameter of the operation replaces the path's of the same name and place. */
const unique = (document: OpenApiDocument, raw: readonly unknown[]): readonly Parameter[] => {
  const byKey = new Map<string, Parameter>();
  for (const value of raw) {
    const found = dereferenced(document, value);
    const { name, in: place } = found;
    if (typeof name !== 'string' || name === '' || typeof place !== 'string')
      throw new LeftOut('it has a parameter without name or place');
    byKey.set(`${place} ${name}`, { ...found, name, in: place });
  }
  return [...byKey.values()];
};

const isSent = (parameter: Parameter): boolean => {
  if (parameter.in === 'query') return true;
  if (parameter.in === 'cookie' && parameter['required'] === true)
    throw new LeftOut(`it requires the cookie "${parameter.name}", and cookies are not sent`);
  if (parameter.in !== 'header' || ignoredHeaders.has(parameter.name.toLowerCase())) return false;
  if (!isHeaderName(parameter.name)) throw new LeftOut(`its header "${parameter.name}" can't be set`);
  return true;
};

const schemaOf = (document: OpenApiDocument, parameter: Parameter, schemas: ToolSchema): unknown => {
  const { content, schema, description } = parameter;
  const [media] = isObject(content) ? Object.values(content) : [];
  const raw = media === undefined ? schema : dereferenced(document, media)['schema'];
  const converted = raw === undefined ? {} : schemas.part(raw);
  if (typeof description !== 'string' || !isObject(converted)) return converted;
  return { ...converted, description };
};

const styleOf = (parameter: Parameter): QueryStyle => {
  const { style = 'form', explode = style === 'form', content, schema } = parameter;
  if (isObject(content)) return 'repeat'; // one JSON text
  if (style === 'deepObject') return 'deep';
  if (explode === true) return isObject(schema) && schema['type'] === 'object' ? 'spread' : 'repeat';
  if (style === 'spaceDelimited') return 'space';
  return style === 'pipeDelimited' ? 'pipe' : 'comma';
};
