import { createRequire } from 'node:module';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isDeeperThan } from '../protocol/depth.js';
import { isObject } from '../protocol/jsonrpc.js';
import { maxMessageDepth } from '../protocol/parseJson.js';
import type { PolicyInput } from '../streams/policyInput.js';

/** What a policy is expected to say; what is not given may be anything. */
export interface Expected {
  readonly allow?: boolean;
  readonly reason?: string;
  /** As policies write them. */
  readonly obligations?: Readonly<Record<string, unknown>>;
}

/** One case for a policy. */
export interface PolicyCase {
  readonly input: PolicyInput;
  readonly expect?: Expected;
}

/**
 * Reads a line: an input as `schema/policy-input.schema.json` describes it, or `{ "input": …, "expect": … }`.
 *
 * @returns the case, or what is wrong with it
 */
export const readPolicyCase = (text: string): PolicyCase | { readonly fault: string } => {
  if (isDeeperThan(text, maxMessageDepth)) return { fault: `It nests deeper than ${maxMessageDepth} levels` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `It is no JSON: ${(error as SyntaxError).message}` };
  }
  const isWhole = isObject(value) && (value['input'] !== undefined || value['expect'] !== undefined);
  const found = isWhole ? value : { input: value };
  const check = compiled();
  if (!check(found)) return { fault: sentence(check.errors?.[0]) };
  return found as PolicyCase;
};

const compiled = (): ValidateFunction =>
  (memo ??= new Ajv({
    strictTypes: false,
    formats: {
      'date-time': (text: string) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
    },
  }).compile({
    type: 'object',
    required: ['input'],
    additionalProperties: false,
    properties: {
      input: createRequire(import.meta.url)('../../schema/policy-input.schema.json') as object,
      expect: {
        type: 'object',
        minProperties: 1,
        additionalProperties: false,
        properties: {
          allow: { type: 'boolean' },
          reason: { type: 'string' },
          obligations: { type: 'object' },
        },
      },
    },
  }));
let memo: ValidateFunction | undefined;

const sentence = (error: ErrorObject | undefined): string => {
  const place = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  const { additionalProperty, allowedValue, allowedValues } = (error?.params ?? {}) as Record<
    string,
    unknown
  >;
  const which = additionalProperty ?? allowedValue ?? allowedValues;
  const detail = which === undefined ? '' : `: ${JSON.stringify(which)}`;
  return `${place === '' ? 'It' : `\`${place}\``} ${error?.message ?? 'is wrong'}${detail}`;
};
