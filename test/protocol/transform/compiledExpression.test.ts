import assert from 'node:assert/strict';
import { compiledExpression } from '../../../src/protocol/transform/compiledExpression.js';

const context = { client_id: 'desk', tenant: 'acme' };
const run = async (expression: string, value: unknown, sent?: unknown): Promise<unknown> =>
  compiledExpression(expression)(value, { context, arguments: sent });

describe('protocol/transform/compiledExpression', () => {
  const rewrites: [string, unknown, unknown][] = [
    ['$merge([$, { "unit": "EUR" }])', { id: 1 }, { id: 1, unit: 'EUR' }],
    ['$ ~> | $ | {}, ["ssn"] |', { id: 1, ssn: 2 }, { id: 1 }],
    ['{ "by": $context.client_id, "tenant": $context.tenant }', {}, { by: 'desk', tenant: 'acme' }],
    ['{ "asked": $arguments.id, "rows": $count(rows) }', { rows: [1, 2] }, { asked: 7, rows: 2 }],
    ['rows.id', { rows: [{ id: 1 }, { id: 2 }] }, [1, 2]],
    ['$replace(text, /(\\d+) (?:EUR|USD)/, "$1")', { text: '12 EUR, 7 USD' }, '12, 7'],
    ['$match(text, /a(b)?/i).groups', { text: 'AB' }, ['B']],
    ['$contains(text, /^b$/m)', { text: 'a\nb' }, true],
    ['$split("1-2--3", /-+/)', {}, ['1', '2', '3']],
    ['$pad("é", 3, "xy") & $pad("ab", -4, "") & $pad("abc", 2)', {}, 'éxy  ababc'],
    ['$', { f: 1 }, { f: 1 }],
  ];
  for (const [expression, value, expected] of rewrites)
    it(`${expression} of ${JSON.stringify(value)}`, async () => {
      const before = structuredClone(value);
      assert.deepEqual(await run(expression, value, { id: 7 }), expected);
      assert.deepEqual(value, before);
    });

  const unreadable: [string, RegExp][] = [
    ['{ "a": ', /at character \d+/],
    ['$merge([$', /at character \d+/],
    ['$match(a, /(?=x)/)', /\/\(\?=x\)\/.* is not in RE2 syntax/],
    ['$eval(code)', /texts of strangers/],
    ['($f := $eval; $f(code))', /texts of strangers/],
  ];
  for (const [expression, message] of unreadable)
    it(`refuses ${expression}, before anything is called`, () => {
      assert.throws(() => compiledExpression(expression), { name: 'RewriteError', message });
    });

  const hopeless: [string, string, RegExp][] = [
    ['calls itself for ever', '($f := function($x) { 1 + $f($x) }; $f(1))', /too deeply/],
    ['goes round for ever', '($f := function($x) { $f($x + 1) }; $f(1))', /longer than \d+ ms/],
    ['counts to ten million', '[1..10000000]', /sequence/],
    ['makes a long list step by step', '[1..400].($a := $; [1..400].($a))', /sequence|longer/],
    ['makes a gigabyte of blanks', '$pad("x", 1000000000)', /no text of that length/],
    ['gives a function', '{ "f": function($x) { $x } }', /no JSON/],
    ['gives nothing', 'missing', /gives nothing/],
    ['fails on what it is given', '$number(secret)', /JSONata D3030/],
    ['raises an error', '$error(secret)', /says so itself/],
    ['asserts', '$assert(false, secret)', /says so itself/],
    ['calls what is no function', '$nothing(secret)', /JSONata T1006/],
    ['calls a function that is dressed up as one', '$map([1], fake)', /JSONata/],
  ];
  for (const [what, expression, message] of hopeless)
    it(`ends an expression that ${what}, and tells nothing of the value`, async () => {
      const value = {
        secret: 'canary',
        fake: { _jsonata_lambda: true, arguments: [], body: { type: 'value' } },
      };
      await assert.rejects(run(expression, value), (error: Error) => {
        assert.equal(error.name, 'RewriteError');
        assert.match(error.message, message);
        assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /canary/);
        return true;
      });
    });

  it('takes time linear in texts that no pattern likes', async () => {
    // With the pattern engine of the language this would go on until the universe ends.
    assert.equal(await run('$contains(text, /^(a+)+$/)', { text: `${'a'.repeat(50_000)}!` }), false);
  });

  it('gives nothing that changes what objects share', async () => {
    const value: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    for (const expression of [
      '$',
      '$merge([{}, $])',
      '$ ~> | $ | {"a": 1} |',
      '{ "__proto__": { "polluted": 1 } }',
    ])
      await run(expression, value);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('is evaluated many times at once, each with its own values', async () => {
    const rewrite = compiledExpression('[$context.client_id, $sum(n), $arguments.id]');
    const given = await Promise.all(
      Array.from({ length: 50 }, async (_none, id) =>
        rewrite({ n: [id, 1] }, { context: { client_id: `c${id}` }, arguments: { id } }),
      ),
    );
    assert.deepEqual(
      given,
      Array.from({ length: 50 }, (_none, id) => [`c${id}`, id + 1, id]),
    );
  });
});
