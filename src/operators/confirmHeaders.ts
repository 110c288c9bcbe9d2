import { headerOf, type Headers } from '../protocol/classify.js';
import { refusal } from '../protocol/errors.js';
import { decodeHeaderValue, headerParameters, type HeaderParameter } from '../protocol/headers.js';
import { isObject } from '../protocol/jsonrpc.js';
import type { ToolDefinition } from '../protocol/mcp.js';
import type { Resolved } from '../streams/exchange.js';
import { stage } from '../streams/stage.js';

/**
 * Lets a tool call through only if its `Mcp-Param-*` headers say what its arguments say (2026-07-28: x-mcp-header).
 *
 * > Somebody on the way may have decided by the header what the body never asked for.
 *
 * ```
 * calls           --a-----b--|
 * confirmHeaders  --a-----#        b's header is missing, malformed or differs: ERR_HEADER_MISMATCH (400)
 * ```
 *
 * Only where a revision mirrors arguments, and a transport has headers; it grants nothing, the arguments decide.
 */
export const confirmHeaders = () =>
  stage<Resolved, unknown>((exchange) => {
    const { target, origin, isWrapped } = exchange;
    if (
      isWrapped === true ||
      target.tool === undefined ||
      origin.transport !== 'http' ||
      !origin.revision.mirrorsArguments
    )
      return exchange;
    const parameters = parametersOf(target.tool);
    if (parameters.length > 0) confirm(parameters, target.params['arguments'], origin.headers);
    return exchange;
  });

const confirm = (parameters: readonly HeaderParameter[], args: unknown, headers: Headers): void => {
  for (const { header, path } of parameters) {
    const value = valueAt(args, path);
    const raw = headerOf(headers, header.toLowerCase());
    if (value === undefined || value === null) {
      if (raw !== undefined) throw mismatch(header, 'is there, its argument is not');
      continue;
    }
    // What no header can hold (an object) is for the schema to judge.
    if (typeof value === 'object') continue;
    if (raw === undefined) throw mismatch(header, 'is missing');
    const text = decodeHeaderValue(raw);
    if (text === undefined) throw mismatch(header, 'is malformed');
    if (!says(text, value)) throw mismatch(header, 'differs from its argument');
  }
};

const valueAt = (args: unknown, path: readonly string[]): unknown => {
  let value = args;
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
};

/** As JSON writes numbers: what `Number` takes besides (`0x2A`, an empty text) others on the way may read otherwise. */
const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Integers compare as numbers: `42.0` says 42. */
const says = (text: string, value: unknown): boolean => {
  if (typeof value === 'string') return text === value;
  if (typeof value === 'number') return numeral.test(text) && Number(text) === value;
  return text === String(value);
};

const mismatch = (header: string, problem: string) =>
  refusal('ERR_HEADER_MISMATCH', `Header mismatch: ${header} ${problem}`);

const known = new WeakMap<ToolDefinition, readonly HeaderParameter[]>();

/** A schema is searched once, not once a call. */
const parametersOf = (tool: ToolDefinition): readonly HeaderParameter[] => {
  const before = known.get(tool);
  if (before !== undefined) return before;
  const found = headerParameters(tool.inputSchema);
  const parameters = 'invalid' in found ? [] : found;
  known.set(tool, parameters);
  return parameters;
};
