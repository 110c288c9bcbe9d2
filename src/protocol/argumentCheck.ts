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
/** References followed in one check; a million take about half a second, and schemas exist that mean 2^64. */
const maxFollowed = 1_000_000;
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
        followed = 0;
        matching = 0;
        if (validate(args)) return none;
        if (hasMoreValues(args, maxThoroughValues)) return describe(validate.errors ?? []);
        followed = 0;
        matching = 0;
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

/** References followed in the check that is running; checks are synchronous, so one counter does for all. */
let followed = 0;
/** What its patterns have cost so far: the size of each times the length of the text. */
let matching = 0;

const compiled = (schema: Readonly<Record<string, unknown>>, allErrors: boolean): ValidateFunction => {
  // The dialect chooses the validator, which knows it by one of its spellings only.
  const { $schema: _dialect, ...rest } = schema;
  return ajvFor(schema, allErrors).compile(countedRefs(rest) as object);
};

const hasMoreValues = (value: unknown, max: number): boolean => {
  let left = max;
  const count = (child: unknown): boolean =>
    --left < 0 || (typeof child === 'object' && child !== null && Object.values(child).some(count));
  return count(value);
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
    schema: false,
    validate: () => {
      if (++followed > maxFollowed)
        throw new RangeError('checking these arguments against it takes too long');
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
