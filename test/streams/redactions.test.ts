import assert from 'node:assert/strict';
import type { ScopedRedaction } from '../../src/config/redactSettings.js';
import { GatewayError } from '../../src/protocol/errors.js';
import { redactions, type RedactedCall } from '../../src/streams/redactions.js';
import { rule } from '../protocol/redaction/rules.js';

const key = Buffer.alloc(32, 7);
const scoped = (parts: Partial<ScopedRedaction>): ScopedRedaction => ({
  ...rule({ detect: ['email'] }),
  direction: 'both',
  ...parts,
});
const call = (parts: Partial<RedactedCall> = {}): RedactedCall => ({
  server: 'crm',
  prefix: 'crm',
  tool: 'find',
  tenant: 'acme',
  mask: undefined,
  ...parts,
});
/** Which directions of a call a rule is about. */
const about = (parts: Partial<ScopedRedaction>, of: Partial<RedactedCall> = {}): string[] => {
  const found = redactions({ rules: [scoped(parts)], holdMs: 1 }, key, '_')(call(of));
  return (['arguments', 'results'] as const).filter((direction) => found?.[direction] !== undefined);
};

describe('streams/redactions', () => {
  const both = ['arguments', 'results'];
  const cases: [string, Partial<ScopedRedaction>, Partial<RedactedCall>, string[]][] = [
    ['everything without a selector', {}, {}, both],
    ['one direction', { direction: 'results' }, {}, ['results']],
    ['the other', { direction: 'arguments' }, {}, ['arguments']],
    ['a server by glob', { servers: ['c*'] }, {}, both],
    ['no other server', { servers: ['mail'] }, {}, []],
    ['a tool by its own name', { tools: ['find'] }, {}, both],
    ['a tool by its exposed name', { tools: ['crm_*'] }, {}, both],
    ['no other tool', { tools: ['mail_*'] }, {}, []],
    ['no resource and no prompt where it names tools', { tools: ['*'] }, { tool: undefined }, []],
    ['resources and prompts where it names none', {}, { tool: undefined }, both],
    ['a tenant', { tenants: ['acme'] }, {}, both],
    ['no other tenant', { tenants: ['bank'] }, {}, []],
    ['nobody without a tenant where it names some', { tenants: ['*'] }, { tenant: undefined }, []],
  ];
  for (const [what, parts, of, expected] of cases)
    it(`is about ${what}`, () => assert.deepEqual(about(parts, of), expected));

  it('gives nothing, the same each time, for calls that no rule is about', () => {
    const none = redactions(undefined, key, '_');
    assert.equal(none(call()), undefined);
    assert.equal(none(call({ mask: [] })), undefined);
  });

  it('is worked out once for each tool and tenant', () => {
    const of = redactions({ rules: [scoped({})], holdMs: 1 }, key, '_');
    assert.equal(of(call()), of(call()));
    assert.notEqual(of(call()), of(call({ tenant: 'bank' })));
  });

  describe('what a decision wants masked', () => {
    const document = { ssn: 'x', arguments: { ssn: 'y' } };
    const masked = '[redacted:policy]';
    const of = redactions(undefined, key, '_');

    it('is masked in results', () => {
      const found = of(call({ mask: ['$.ssn'] }));
      assert.equal(found?.arguments, undefined);
      assert.deepEqual(found?.results?.document(document), { ...document, ssn: masked });
    });

    for (const path of ['arguments.ssn', '$.arguments.ssn', "$.arguments['ssn']"])
      it(`is masked in arguments by ${path}`, () => {
        const found = of(call({ mask: [path] }));
        assert.equal(found?.results, undefined);
        assert.deepEqual(found?.arguments?.document({ ssn: 'x' }), { ssn: masked });
      });

    it('is masked beside what rules find', () => {
      const all = redactions({ rules: [scoped({})], holdMs: 1 }, key, '_')(call({ mask: ['ssn'] }));
      assert.deepEqual(all?.results?.document({ ssn: 'x', m: 'ann@example.com' }), {
        ssn: masked,
        m: '[redacted:email]',
      });
    });

    it('is not let through where it can not be read', () =>
      assert.throws(
        () => of(call({ mask: ['$.a[?(@.b)]'] })),
        (error) => error instanceof GatewayError && error.code === 'ERR_FORBIDDEN',
      ));
  });
});
