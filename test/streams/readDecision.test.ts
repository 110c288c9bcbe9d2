import assert from 'node:assert/strict';
import { combineDecisions } from '../../src/streams/combineDecisions.js';
import type { Decision } from '../../src/streams/decision.js';
import { readDecision } from '../../src/streams/readDecision.js';

const read = (value: unknown): Decision => readDecision(value, 'p');

describe('streams/readDecision', () => {
  const understood: [string, unknown, Partial<Decision>][] = [
    ['true', true, { allow: true }],
    ['false', false, { allow: false }],
    ['nothing: denies', undefined, { allow: false }],
    ['an object', { allow: true, reason: 'why', other: 1 }, { allow: true, reason: 'why' }],
    [
      'a reason without forged lines',
      { allow: false, reason: 'a\nb\u202ec' },
      { allow: false, reason: 'a b c' },
    ],
    ['obligations of a denial: none', { allow: false, obligations: { what: 1 } }, { allow: false }],
    [
      'all obligations',
      {
        allow: true,
        obligations: { mask: ['$.a'], scopes: ['x:y'], per_minute: 3, headers: { 'X-Team': 'west' } },
      },
      {
        allow: true,
        obligations: { mask: ['$.a'], scopes: ['x:y'], perMinute: 3, headers: { 'x-team': 'west' } },
      },
    ],
  ];
  for (const [name, value, expected] of understood)
    it(`understands ${name}`, () =>
      assert.deepEqual(read(value), { obligations: {}, policy: 'p', ...expected }));

  const obliging = (obligations: unknown) => ({ allow: true, obligations });
  const faults: [string, unknown, RegExp][] = [
    ['null', null, /neither/],
    ['a text', 'true', /neither/],
    ['an allow that is no boolean', { allow: 'true' }, /boolean/],
    ['an unknown obligation', obliging({ mask: [], audit: true }), /`audit` is not known/],
    ['one of a prototype', obliging({ constructor: 1 }), /`constructor` is not known/],
    ['obligations as a list', obliging([]), /not known|no object/],
    ['a mask that is no list', obliging({ mask: '$.a' }), /mask/],
    ['a rate of 0', obliging({ per_minute: 0 }), /above 0/],
    ['a scope with a quote', obliging({ scopes: ['a" b'] }), /scopes/],
    ['a header that ends its line', obliging({ headers: { 'x-a': 'b\r\nevil: 1' } }), /line break/],
    ['a header name with a space', obliging({ headers: { 'x a': 'b' } }), /no header has/],
    ...[
      'Authorization',
      'cookie',
      'Host',
      'Connection',
      'transfer-encoding',
      'Content-Length',
      'Mcp-Session-Id',
      'X-Forwarded-For',
      'Proxy-Authorization',
      '__proto__',
    ].map((name): [string, unknown, RegExp] => [
      `the header ${name}`,
      obliging({ headers: JSON.parse(`{"${name}":"x"}`) as unknown }),
      /only the gateway/,
    ]),
  ];
  for (const [name, value, fault] of faults)
    it(`decides nothing by ${name}`, () => {
      const { allow, obligations, fault: found = '' } = read(value);
      assert.deepEqual([allow, obligations], [false, {}]);
      assert.match(found, fault);
    });
});

describe('streams/combineDecisions', () => {
  const yes = (obligations: Decision['obligations'], policy = 'a'): Decision => ({
    allow: true,
    obligations,
    policy,
  });

  it('all must allow: the first that does not decides', () => {
    const no: Decision = { allow: false, obligations: {}, policy: 'b', reason: 'no' };
    assert.equal(combineDecisions([yes({}), no, { ...no, policy: 'c' }]), no);
  });

  it('all obligations hold together, the lowest rate', () => {
    const both = combineDecisions([
      yes({ mask: ['$.a'], perMinute: 5, headers: { x: '1' } }),
      yes({ mask: ['$.a', '$.b'], scopes: ['s'], perMinute: 3, headers: { x: '1', y: '2' } }, 'b'),
    ]);
    assert.deepEqual(both, {
      allow: true,
      policy: 'a b',
      obligations: { mask: ['$.a', '$.b'], scopes: ['s'], perMinute: 3, headers: { x: '1', y: '2' } },
    });
  });

  it('different values of one header allow nothing', () => {
    const { allow, fault } = combineDecisions([yes({ headers: { x: '1' } }), yes({ headers: { x: '2' } })]);
    assert.deepEqual([allow, fault], [false, 'The policies want different values of the header `x`']);
  });
});
