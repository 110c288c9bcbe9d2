import { checkShape } from '../../src/operators/checkShape.js';
import { byCode } from '../../src/testing/byCode.js';
import { call, type CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

const own = new Set(['$/end']);
const envelope = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};
const legacy = { version: '2025-11-25' } as const;

describe('operators/checkShape', () => {
  const passes: [string, string, CallOptions][] = [
    ['a good call', 'tools/call', { params: { ...envelope, name: 'x' } }],
    ['a good call of the 2025 era', 'tools/call', { ...legacy, params: { name: 'x' } }],
    ['a notification with an unknown method', 'notifications/x', { ...legacy, id: null }],
    ['what is no message', '$/end', { ...legacy, id: null }],
  ];
  for (const [name, method, options] of passes)
    it(`passes ${name} in its frame`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const a = call(method, options);
        const calls = cold('  --a--|', { a });
        const subs = '        ^----!';
        const expected = '    --a--|';
        expectObservable(calls.pipe(checkShape(own))).toBe(expected, { a });
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  const refuses: [string, string, CallOptions, string][] = [
    ['an unknown method', 'x/y', { params: envelope }, 'ERR_METHOD_UNKNOWN'],
    ['a method that its revision has not any more', 'ping', { params: envelope }, 'ERR_METHOD_UNKNOWN'],
    ['a method that its revision has not yet', 'server/discover', legacy, 'ERR_METHOD_UNKNOWN'],
    ['a method that only servers call', 'sampling/createMessage', legacy, 'ERR_METHOD_UNKNOWN'],
    ['wrong params', 'tools/call', { ...legacy, params: { name: 1 } }, 'ERR_INVALID_PARAMS'],
    [
      'a wrong notification',
      'notifications/cancelled',
      { ...legacy, id: null, params: { requestId: {} } },
      'ERR_INVALID_PARAMS',
    ],
  ];
  for (const [name, method, options, code] of refuses)
    it(`refuses ${name}: ${code}`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('  --a--|', { a: call(method, options) });
        const subs = '        ^-!';
        const expected = '    --#';
        expectObservable(calls.pipe(checkShape(own), byCode())).toBe(expected, {}, code);
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));
});
