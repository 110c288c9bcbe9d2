/** Checks the shape of what a client sends by the official JSON Schema of the revision it speaks. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemas } from '../../generated/schemas.js';
import { inputResponseFault } from './inputResponseFault.js';
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
  const checkOf = (name: string): ValidateFunction => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const check = ajv.compile({ $ref: `mcp#/${keyword}/${name}` });
    compiled.set(name, check);
    return check;
  };
  const faultOf = (name: string, value: unknown): string | undefined => {
    const check = checkOf(name);
    return check(value) ? undefined : told(check.errors ?? [], '').trim();
  };

  return {
    methods: new Set(definitionOf.keys()),
    check(message) {
      const { method, params } = message;
      const name = definitionOf.get(method);
      if (name === undefined) return undefined;
      const check = checkOf(name);
      if (check(message)) return undefined;
      const errors = check.errors ?? [];
      const ofResponse = errors[0]?.instancePath.startsWith('/params/inputResponses/') === true;
      return (
        (ofResponse ? inputResponseFault(params?.['inputResponses'], faultOf) : undefined) ??
        told(errors, 'message')
      );
    },
  };
};

/** The first of what Ajv found. Where several forms are allowed, it tells of one that was perhaps not meant. */
const told = (errors: readonly ErrorObject[], root: string): string => {
  const forms = errors.find(({ keyword }) => keyword === 'anyOf');
  const [first] = errors;
  const path = ((forms ?? first)?.instancePath ?? '').slice(1).replaceAll('/', '.') || root;
  return `${path} ${forms === undefined ? (first?.message ?? 'is invalid') : 'has none of the forms that are allowed there'}`;
};

const methodOf = (definition: unknown): string | undefined => {
  if (!isObject(definition) || !isObject(definition['properties'])) return undefined;
  const method = definition['properties']['method'];
  return isObject(method) && typeof method['const'] === 'string' ? method['const'] : undefined;
};
