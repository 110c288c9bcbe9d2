/** Checks what a server offers by the official schema, so that one bad definition does not spoil the list of all servers. */
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemas } from '../../generated/schemas.js';
import type { Params } from './jsonrpc.js';

/** A kind of definition, as the official schema calls it. */
export type DefinitionKind = 'Tool' | 'Prompt' | 'Resource' | 'ResourceTemplate';

/** A definition that every client can read, with the keys it lost; or why there is none. */
export type Sound =
  { readonly definition: Params; readonly dropped: readonly string[] } | { readonly fault: string };

const revision = '2026-07-28';

const objectSchema = {
  type: 'object',
  properties: {
    properties: { type: 'object', additionalProperties: { type: ['object', 'boolean'] } },
    required: { type: 'array', items: { type: 'string' } },
  },
};

/** What official clients insist on besides, and what an older revision knew. */
const also: Readonly<Record<DefinitionKind, Readonly<Record<string, unknown>>>> = {
  Tool: {
    inputSchema: objectSchema,
    outputSchema: objectSchema,
    execution: {
      type: 'object',
      properties: { taskSupport: { enum: ['forbidden', 'optional', 'required'] } },
    },
  },
  Prompt: {},
  Resource: { annotations: { $ref: '#/$defs/dated' } },
  ResourceTemplate: { annotations: { $ref: '#/$defs/dated' } },
};

const dated = {
  type: 'object',
  properties: {
    lastModified: {
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)$',
    },
  },
};

/** Without these there is no definition. */
const needed: ReadonlySet<string> = new Set(['name', 'uri', 'uriTemplate', 'inputSchema']);

const compiled = new Map<DefinitionKind, ValidateFunction>();

const checkOf = (kind: DefinitionKind): ValidateFunction => {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(schemas[revision] as object, 'mcp');
  const check = ajv.compile({
    $defs: { dated },
    $ref: `mcp#/$defs/${kind}`,
    properties: also[kind],
  });
  compiled.set(kind, check);
  return check;
};

/**
 * Takes the optional keys out of a definition that are malformed (`description: null`, as some servers send it): official clients
 * refuse a whole list for one of them, and here the list is that of all servers. What is well-formed is given back as it is.
 */
export const soundDefinition = (kind: DefinitionKind, item: Params): Sound => {
  const check = checkOf(kind);
  if (check(item)) return { definition: item, dropped: [] };
  const dropped = new Set<string>();
  for (const { instancePath, params } of check.errors ?? []) {
    const key = instancePath.split('/')[1] ?? String(params['missingProperty'] ?? '');
    if (needed.has(key) || !Object.hasOwn(item, key)) return { fault: `its ${key} is missing or malformed` };
    dropped.add(key);
  }
  const definition = Object.fromEntries(Object.entries(item).filter(([key]) => !dropped.has(key)));
  return { definition, dropped: [...dropped] };
};
