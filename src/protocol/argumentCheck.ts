import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { countedKeyword, countedRefs } from './countedRefs.js';
import { refusal } from './errors.js';
import { givenArguments } from './givenArguments.js';
import { isObject } from './jsonrpc.js';
import type { ToolDefinition } from './mcp.js';

/** What is wrong with a tool's arguments, one readable line a field; empty when nothing is. Throws `ERR_SCHEMA_INVALID`. */
export type ArgumentCheck = (args: unknown) => readonly string[];

type RegExpEngine = NonNullable<NonNullable<Options['code']>['regExp']>;

/** How many wrong fields are named; the rest is counted. */
const maxNamed = 10;
/** Names of fields come from the caller, who needs the beginning of each at most. */
const maxLineLength = 300;
/** A schema larger than this is not compiled: compiling is the one step whose cost a backend could choose. */
const maxSchemaBytes = 256 * 1024;
const maxSchemaDepth = 64;
/**
 * References followed in one check: so many, and so many more for each value, but never more than the last number, which takes about a
 * second. Schemas exist that mean 2^64, whatever they are given.
 */
const followable = { always: 10_000, perValue: 50, most: 1_000_000 } as const;
/** Arguments of more values than this are told their first fault only: two million faults are 600 MB of error objects. */
const maxThoroughValues = 10_000;

/** One compiled check per definition object: views come and go with every change of the catalogue, offers stay. */
const checks = new WeakMap<ToolDefinition, ArgumentCheck>();

/**
 * The check of a tool's arguments against its `inputSchema` (JSON Schema 2020-12, or draft-07 if it says so).
 *
 * Bounded: no reference leaves the document and only so many are followed, patterns run on a linear-time engine, `uniqueItems`
 * is linear, size and depth of the schema are limited. Compiled at the first call.
 */
export const argumentCheck = (tool: ToolDefinition): ArgumentCheck => {
  const known = checks.get(tool);
  if (known !== undefined) return known;
  let compiled: ArgumentCheck | undefined;
  const check: ArgumentCheck = (args) => (compiled ??= compile(tool))(args);
  checks.set(tool, check);
  return check;
};

const compile = (tool: ToolDefinition): ArgumentCheck => {
  const { inputSchema } = tool;
  if (acceptsAnything(inputSchema)) return nothingWrong;
  try {
    if (JSON.stringify(inputSchema).length > maxSchemaBytes || depthOf(inputSchema) > maxSchemaDepth)
      throw new RangeError('it is too large or too deep');
    const validate = compiled(inputSchema, false);
    // Compiled when arguments are first found wrong.
    let thorough: ValidateFunction | undefined;
    const given = givenArguments(inputSchema);
    return (sent) => {
      try {
        const args = given(sent);
        begin(args);
        if (validate(args)) return none;
        if (valuesIn(args) > maxThoroughValues) return describe(validate.errors ?? []);
        begin(args);
        thorough ??= compiled(inputSchema, true);
        return thorough(args) ? none : describe(thorough.errors ?? []);
      } catch (cause) {
        throw unusable(cause);
      }
    };
  } catch (cause) {
    return () => {
      throw unusable(cause);
    };
  }
};

const unusable = (cause: unknown) => {
  const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'it does not compile';
  return refusal('ERR_SCHEMA_INVALID', `The input schema of this tool can not be used: ${reason}`, { cause });
};

/** What the check that is running has cost so far; checks are synchronous, so one set of counters does for all. */
let followed = 0;
/** Undefined until that many have been followed without looking at the values. */
let mayFollow: number | undefined;
let checked: unknown;
/** Of its patterns: the size of each times the length of the text. */
let matching = 0;

const begin = (args: unknown): void => {
  checked = args;
  followed = 0;
  mayFollow = undefined;
  matching = 0;
};

const follow = (): void => {
  if (++followed <= (mayFollow ?? followable.always)) return;
  mayFollow ??= Math.min(followable.most, followable.always + followable.perValue * valuesIn(checked));
  if (followed > mayFollow) throw new RangeError('checking these arguments against it takes too long');
};

const compiled = (schema: Readonly<Record<string, unknown>>, allErrors: boolean): ValidateFunction => {
  // The dialect chooses the validator, which knows it by one of its spellings only.
  const { $schema: _dialect, ...rest } = schema;
  return ajvFor(schema, allErrors).compile(countedRefs(rest) as object);
};

const valuesIn = (value: unknown): number => {
  let count = 1;
  if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value)) count += valuesIn(child);
  return count;
};

const none: readonly string[] = [];
const nothingWrong: ArgumentCheck = (args) => (isObject(args) ? none : ['arguments must be an object']);

const acceptsAnything = (schema: object): boolean => Object.keys(schema).every((key) => key === 'type');

const depthOf = (value: unknown, depth = 0): number => {
  if (typeof value !== 'object' || value === null || depth > maxSchemaDepth) return depth;
  return Math.max(depth, ...Object.values(value).map((child) => depthOf(child, depth + 1)));
};

/** A longer pattern is left to the backend to check. */
const maxPatternLength = 1000;
/**
 * What the patterns of one check may cost: linear in the text is still pattern times text, at 30 to 60 ns a unit, and everybody
 * waits meanwhile. Beyond it the backend has to check; 2 million are about a tenth of a second.
 */
const maxMatching = 2_000_000;

/** Linear-time patterns; one that this engine does not know (look-around, back-references) is left to the backend to check. */
const linear: RegExpEngine = Object.assign(
  (pattern: string) => {
    // Compiled when first needed: a schema may have thousands of patterns, at a millisecond each.
    let test: ((text: string) => boolean) | undefined;
    return {
      test: (text: string) => (test ??= compiledPattern(pattern))(text),
      // Ajv takes two with the same text for one.
      toString: () => pattern,
    };
  },
  { code: 'linear' },
);

const compiledPattern = (pattern: string): ((text: string) => boolean) => {
  if (pattern.length > maxPatternLength) return leftToBackend;
  try {
    const regExp = RE2JS.compile(RE2JS.translateRegExp(pattern));
    const size = regExp.programSize();
    return (text) => {
      matching += size * text.length;
      return matching > maxMatching || regExp.matcher(text).find();
    };
  } catch {
    return leftToBackend; // this engine's complaint about what it does not know
  }
};

const leftToBackend = (): boolean => true;

const options: Options = {
  strict: false,
  // Formats are annotations in 2020-12.
  validateFormats: false,
  // Inlining copies a definition to each place that refers to it: 15 kB of schema became 3 GB of code.
  inlineRefs: false,
  code: { regExp: linear },
};

const draft7 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const draft2020 = /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/;

const ajvFor = (schema: Readonly<Record<string, unknown>>, allErrors: boolean): Ajv => {
  const dialect = schema['$schema'];
  const is7 = typeof dialect === 'string' && draft7.test(dialect);
  if (dialect !== undefined && !is7 && !(typeof dialect === 'string' && draft2020.test(dialect)))
    throw new TypeError('its dialect is not supported');
  // A fresh instance each: two tools may use one `$id`.
  const ajv: Ajv = is7 ? new Ajv({ ...options, allErrors }) : new Ajv2020({ ...options, allErrors });
  ajv.addKeyword({
    keyword: countedKeyword,
    // Behind a reference that fails it would not be reached.
    before: '$ref',
    schema: false,
    validate: () => {
      follow();
      return true;
    },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have equal items' },
    validate: (wanted: boolean, items: readonly unknown[]) =>
      !wanted || new Set(items.map((item) => canonical(item))).size === items.length,
  });
  return ajv;
};

/** JSON with sorted keys: equal values have equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, child: unknown) =>
    isObject(child) ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1))) : child,
  );

const describe = (errors: readonly ErrorObject[]): readonly string[] => {
  const lines = [...new Set(errors.map((error) => line(error).slice(0, maxLineLength)))];
  const rest = lines.length - maxNamed;
  return rest > 0 ? [...lines.slice(0, maxNamed), `and ${rest} more`] : lines;
};

const line = ({ instancePath, keyword, params, message }: ErrorObject): string => {
  const at = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const named = params as Record<string, unknown>;
  const field = (name: unknown): string => (at === '' ? String(name) : `${at}.${String(name)}`);
  if (keyword === 'required') return `${field(named['missingProperty'])} is required`;
  if (keyword === 'additionalProperties') return `${field(named['additionalProperty'])} is not known`;
  if (keyword === 'enum')
    return `${at || 'arguments'} must be one of ${JSON.stringify(named['allowedValues']).slice(0, 200)}`;
  return `${at || 'arguments'} ${message ?? 'is invalid'}`;
};
