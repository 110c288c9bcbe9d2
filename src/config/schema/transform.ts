/** What calls of tools and their answers become on their way. */
import { Type, type Static } from '@sinclair/typebox';
import { oneOf } from './kinds.js';
import { section } from './section.js';

const closed = { additionalProperties: false } as const;

const pointer = (description: string) => Type.String({ maxLength: 1024, description });

const operation = Type.Object(
  {
    op: oneOf(['add', 'remove', 'replace', 'move', 'copy', 'test'], { description: 'What is done.' }),
    path: pointer('JSON Pointer of where, e.g. `/customer/id`.'),
    from: Type.Optional(pointer('JSON Pointer of where from, for `move` and `copy`.')),
    value: Type.Optional(Type.Unknown({ description: 'The value, for `add`, `replace` and `test`.' })),
  },
  { ...closed, description: 'One operation.' },
);

const rewrite = (what: string) =>
  section(`${what} By one of these.`, {
    jsonata: Type.String({
      minLength: 1,
      maxLength: 20_000,
      description: 'A JSONata expression that gives the new value; `$context` says who calls what.',
    }),
    patch: Type.Array(operation, {
      minItems: 1,
      maxItems: 200,
      description: 'Operations of a JSON Patch (RFC 6902): all of them, or the call fails.',
    }),
  });

/** @param whose calls, for the description */
export const transform = (whose: string) =>
  section(`What ${whose} and their answers become on their way (docs/transform.md).`, {
    context: Type.Unsafe<boolean | 'always'>({
      enum: [true, false, 'always'],
      description:
        "Whether `_context` (who calls, when, in which trace) is added to the arguments; not, by default. `true`: where the tool's schema allows arguments that it does not name; `always`: everywhere.",
    }),
    arguments: rewrite('The arguments, after they were checked and before they are sent.'),
    result: rewrite('What the tool says: its structured content, or the JSON or text of its content.'),
    tool_errors: Type.Boolean({
      description: 'Whether `result` is for results with `isError` too; not, by default.',
    }),
  });

export type RawTransform = Static<ReturnType<typeof transform>>;
export type RawRewrite = Static<ReturnType<typeof rewrite>>;
