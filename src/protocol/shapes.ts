/** Checks the shape of what a client sends by the official JSON Schema of the revision it speaks. */
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemas } from '../../generated/schemas.js';
import { isObject, type JsonRpcCall } from './jsonrpc.js';

/** Says what is wrong with a call's shape, or nothing. */
export type ShapeCheck = (message: JsonRpcCall) => string | undefined;

export interface Shapes {
  /** Methods a client may call in this revision. */
  readonly methods: ReadonlySet<string>;
  readonly check: ShapeCheck;
}

/** Definitions of what only a server sends; a schema does not say who may send a message. */
const fromServer = new Set([
  'sampling/createMessage',
  'roots/list',
  'elicitation/create',
  'notifications/message',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
  'notifications/prompts/list_changed',
  'notifications/tools/list_changed',
  'notifications/elicitation/complete',
  'notifications/subscriptions/acknowledged',
]);

/**
 * The shapes of one revision. Each method's check is compiled when it is first used: a client uses a handful of them.
 *
 * @param revision a key of the generated schemas
 */
export const shapesOf = (revision: string): Shapes => {
  const schema = schemas[revision] as { $schema: string; $defs?: object; definitions?: object } | undefined;
  if (schema === undefined) throw new TypeError(`no schema for revision ${revision}`);
  const keyword = schema.$defs === undefined ? 'definitions' : '$defs';
  const definitions = (schema.$defs ?? schema.definitions) as Record<string, unknown>;

  const definitionOf = new Map<string, string>();
  for (const [name, definition] of Object.entries(definitions)) {
    const method = methodOf(definition);
    if (method !== undefined && !fromServer.has(method)) definitionOf.set(method, name);
  }

  // The official schemas carry formats and tuple shapes that strict mode remarks on; they are not ours to mend.
  const options = { strict: false, validateFormats: false, allErrors: false } as const;
  const ajv = schema.$schema.includes('2020-12') ? new Ajv2020(options) : new Ajv(options);
  ajv.addSchema(schema, 'mcp');

  const compiled = new Map<string, ValidateFunction>();
  const checkOf = (method: string): ValidateFunction | undefined => {
    const known = compiled.get(method);
    if (known !== undefined) return known;
    const name = definitionOf.get(method);
    if (name === undefined) return undefined;
    const check = ajv.compile({ $ref: `mcp#/${keyword}/${name}` });
    compiled.set(method, check);
    return check;
  };

  return {
    methods: new Set(definitionOf.keys()),
    check(message) {
      const check = checkOf(message.method);
      if (check === undefined || check(message)) return undefined;
      const [first] = check.errors ?? [];
      return `${(first?.instancePath ?? '').slice(1).replaceAll('/', '.') || 'message'} ${first?.message ?? 'is invalid'}`;
    },
  };
};

const methodOf = (definition: unknown): string | undefined => {
  if (!isObject(definition) || !isObject(definition['properties'])) return undefined;
  const method = definition['properties']['method'];
  return isObject(method) && typeof method['const'] === 'string' ? method['const'] : undefined;
};
