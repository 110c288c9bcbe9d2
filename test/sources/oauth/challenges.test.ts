import assert from 'node:assert/strict';
import { challenges } from '../../../src/sources/oauth/challenges.js';

describe('oauth/challenges', () => {
  const cases: readonly (readonly [string, string | readonly string[] | undefined, unknown])[] = [
    ['nothing', undefined, []],
    ['a scheme alone', 'Bearer', [['bearer', {}]]],
    [
      'quoted and plain values',
      'Bearer resource_metadata="https://a.example/x?y=1,2", scope="a b", error=invalid_token',
      [['bearer', { resource_metadata: 'https://a.example/x?y=1,2', scope: 'a b', error: 'invalid_token' }]],
    ],
    ['escapes', 'Bearer error_description="a \\"b\\" \\\\"', [['bearer', { error_description: 'a "b" \\' }]]],
    ['names in any case', 'BEARER Scope="a"', [['bearer', { scope: 'a' }]]],
    ['the first of two values', 'Bearer scope="a", scope="b"', [['bearer', { scope: 'a' }]]],
    ['no names of the prototype', 'Bearer __proto__="a"', [['bearer', {}]]],
    [
      'several in one line',
      'Basic realm="x", Bearer scope="a", Negotiate abc==, DPoP algs="ES256"',
      [
        ['basic', { realm: 'x' }],
        ['bearer', { scope: 'a' }],
        ['negotiate', {}],
        ['dpop', { algs: 'ES256' }],
      ],
    ],
    [
      'several lines',
      ['Negotiate', 'Bearer scope="a"'],
      [
        ['negotiate', {}],
        ['bearer', { scope: 'a' }],
      ],
    ],
    ['what comes before nonsense', 'Bearer scope="a", "oops', [['bearer', { scope: 'a' }]]],
    ['nonsense', '"', []],
  ];
  for (const [what, header, expected] of cases)
    it(`reads ${what}`, () =>
      assert.deepEqual(
        challenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]),
        expected,
      ));

  it('takes no longer for a hostile header', () => {
    const began = performance.now();
    for (const hostile of [
      'Bearer a="' + '\\'.repeat(100_000),
      'a '.repeat(50_000),
      'a=,'.repeat(50_000),
      '=',
    ])
      challenges(hostile);
    assert.ok(performance.now() - began < 500);
  });
});
