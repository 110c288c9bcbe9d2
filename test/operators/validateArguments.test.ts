import { validateArguments } from '../../src/operators/validateArguments.js';
import type { Target } from '../../src/streams/exchange.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { resolvedCall, targetOf, tool } from './scenarios.js';

const strict = tool('get', {
  inputSchema: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
});
const calling = (args: unknown, definition = strict): Partial<Target> =>
  targetOf({ params: { name: 'get', arguments: args } }, definition);

describe('operators/validateArguments', () => {
  const passes: [string, Partial<Target>][] = [
    ['arguments that fit', calling({ id: 7 })],
    ['no arguments where none are needed', { ...calling(undefined, tool('get')), params: { name: 'get' } }],
    ['a target that has no schema', { ...calling('?'), validate: undefined }],
  ];
  for (const [name, target] of passes)
    it(`passes ${name} in its frame`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const a = resolvedCall(target);
        const calls = cold('  --a--|', { a });
        const subs = '        ^----!';
        const expected = '    --a--|';
        expectObservable(calls.pipe(validateArguments())).toBe(expected, { a });
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  const refuses: [string, Partial<Target>, string][] = [
    ['a missing field', calling({}), 'ERR_ARGUMENTS_INVALID'],
    ['no arguments where some are needed', calling(undefined), 'ERR_ARGUMENTS_INVALID'],
    [
      'a schema that can not be used',
      calling({}, tool('get', { inputSchema: { $ref: 'other.json' } })),
      'ERR_SCHEMA_INVALID',
    ],
  ];
  for (const [name, target, code] of refuses)
    it(`refuses ${name}: ${code}`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('  --a--|', { a: resolvedCall(target) });
        const subs = '        ^-!';
        const expected = '    --#';
        expectObservable(calls.pipe(validateArguments(), byCode())).toBe(expected, {}, code);
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));
});
