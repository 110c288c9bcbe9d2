/** What is taken out of what calls carry. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration, globs, oneOf, stateKey } from './kinds.js';
import { section } from './section.js';

const closed = { additionalProperties: false } as const;

/** What to find, where, and what becomes of it. */
export const finding = {
  name: Type.Optional(
    Type.String({
      pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,39}$',
      description: 'Shown in place of what was found, and in refusals. Default: `rule 1`, `rule 2`, …',
    }),
  ),
  detect: Type.Optional(
    Type.Array(oneOf(['email', 'phone', 'card', 'iban', 'secret'], { description: 'A kind of value.' }), {
      minItems: 1,
      uniqueItems: true,
      description:
        'Kinds of values to find in any text: mail addresses, telephone numbers, card numbers, IBANs, tokens and keys.',
    }),
  ),
  patterns: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1000, description: 'A pattern.' }), {
      minItems: 1,
      maxItems: 50,
      description: 'Patterns (RE2 syntax: no look-around, no back-references) to find in any text.',
    }),
  ),
  paths: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1024, description: 'A JSON path.' }), {
      minItems: 1,
      maxItems: 200,
      description:
        "JSON paths (`$.customer.ssn`, `$..iban`, `$.rows[*]['e-mail']`). Alone: the whole values there; beside `detect` or `patterns`: the only places where these look.",
    }),
  ),
  action: Type.Optional(
    oneOf(['mask', 'hash', 'drop', 'refuse'], {
      description:
        'What becomes of what is found: replaced by a mask, or by a keyed hash that is the same for equal values; left out; or the call is refused, or its answer withheld.',
      default: 'mask',
    }),
  ),
  keep_last: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 8,
      description: 'How many characters at the end of a masked text stay readable.',
      default: 0,
    }),
  ),
};

const rule = Type.Object(
  {
    ...finding,
    direction: Type.Optional(
      oneOf(['arguments', 'results', 'both'], {
        description: 'Whether it is about what goes to servers, what comes from them, or both.',
        default: 'both',
      }),
    ),
    servers: Type.Optional(globs('The servers it is about. Default: all.')),
    tools: Type.Optional(
      globs(
        "The tools it is about, by exposed name or by their server's own. Default: all, and resources and prompts too.",
      ),
    ),
    tenants: Type.Optional(globs('The tenants it is about. Default: every caller.')),
  },
  { ...closed, description: 'A rule: what to find, where, and what becomes of it.' },
);

export const redact = section(
  'What is taken out of arguments and results: personal data, secrets, fields by their place.',
  {
    rules: Type.Array(rule, {
      maxItems: 200,
      description: 'The rules. Where two find the same, the first decides, unless the other refuses.',
    }),
    key: stateKey(
      'Secret that hashes are made with. Default: derived from the newest of `state.keys`, so that hashes change with it.',
    ),
    hold: duration(
      'How long a part of a streamed text waits for the next, where a value may go on in it.',
      limits.redactHoldMs,
    ),
  },
);
