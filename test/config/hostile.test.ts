import assert from 'node:assert/strict';
import { faults, load } from './data/read.js';

describe('config: hostile documents', () => {
  it('`constructor`, `toString` and the like are plain names', () => {
    const { servers } = load(`
servers:
  constructor: { url: http://h, headers: { constructor: a, toString: b } }
  hasOwnProperty: { type: stdio, command: x, env: { constructor: c, valueOf: d } }`);
    const [first, second] = servers;
    assert.equal(first?.name, 'constructor');
    assert.deepEqual(Object.entries(first.type === 'mcp' ? first.headers : {}), [
      ['constructor', 'a'],
      ['tostring', 'b'],
    ]);
    assert.deepEqual(Object.entries(second?.type === 'stdio' ? second.env : {}), [
      ['constructor', 'c'],
      ['valueOf', 'd'],
    ]);
  });

  it('`__proto__` is refused wherever it stands, and changes nothing', () => {
    const text = `
servers:
  __proto__: { url: http://h, polluted: true }
  a: { type: rest, url: http://h, tools: { t: { path: /x, input_schema: { type: object, __proto__: { polluted: true } } } } }
__proto__: { polluted: true }`;
    assert.equal(faults(text).filter((line) => line.includes('`__proto__` can not be a key')).length, 3);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('aliases that multiply to a billion values are refused at once', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`,
    );
    const started = performance.now();
    const found = faults(['l0: &l0 [x, x]', ...levels].join('\n'));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^g\.yaml:\d+:\d+: The file means more than 100000 values/);
    assert.ok(performance.now() - started < 4000);
  });

  it('an alias that holds itself is refused', () => {
    assert.match(faults('servers: &s { a: *s }')[0] ?? '', /or more than 100 levels/);
  });

  it('so are levels without end, in every style, before the parser recurses into them', () => {
    for (const opening of ['[', '{a: ', '- ', '? ', '[{'])
      assert.match(
        faults(opening.repeat(50_000)).join(),
        /^g\.yaml:1:\d+: The file has more than 100 levels\./,
      );
    assert.deepEqual(faults(`a:\n  ${'['.repeat(300)}`), [
      'g.yaml:2:201: The file has more than 100 levels. Close the brackets, or nest less.',
    ]);
    const flow = `a: ${'['.repeat(120)}${']'.repeat(120)}`;
    assert.match(faults(flow).join(), /more than 100 levels/);
  });

  it('and files without end', () => {
    assert.match(faults('#'.repeat(2 ** 20 + 1)).join(), /longer than 1024 KiB/);
  });
});
