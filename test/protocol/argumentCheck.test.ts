import assert from 'node:assert/strict';
import { argumentCheck } from '../../src/protocol/argumentCheck.js';
import { GatewayError } from '../../src/protocol/errors.js';

type Schema = Readonly<Record<string, unknown>>;
const check = (inputSchema: Schema, args: unknown): readonly string[] =>
  argumentCheck({ name: 't', inputSchema })(args);
const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const within = <T>(ms: number, work: () => T): T => {
  const started = performance.now();
  const value = work();
  const took = performance.now() - started;
  assert.ok(took < ms, `took ${took} ms`);
  return value;
};
const unusable = (inputSchema: Schema, args: unknown, reason: RegExp): void =>
  assert.throws(
    () => check(inputSchema, args),
    (error) =>
      error instanceof GatewayError && error.code === 'ERR_SCHEMA_INVALID' && reason.test(error.message),
  );

describe('protocol/argumentCheck', () => {
  const point = object(
    { x: { type: 'number' }, y: { type: 'integer', minimum: 0 } },
    { required: ['x'], additionalProperties: false },
  );
  const rows: [string, Schema, unknown, readonly string[]][] = [
    ['right', point, { x: 1.5, y: 2 }, []],
    [
      'each wrong field by name',
      point,
      { x: '1', y: -1, z: 0 },
      ['z is not known', 'x must be number', 'y must be >= 0'],
    ],
    ['what is missing', point, {}, ['x is required']],
    ['not an object', point, [], ['arguments must be object']],
    ['no arguments for a tool without schema', { type: 'object' }, {}, []],
    ['an array for a tool without schema', { type: 'object' }, [], ['arguments must be an object']],
    ['a nested field by its path', object({ to: point }), { to: { x: 'a' } }, ['to.x must be number']],
    [
      'an item by its index',
      object({ l: { type: 'array', items: { type: 'string' } } }),
      { l: ['a', 1] },
      ['l.1 must be string'],
    ],
    [
      'a field with a slash',
      object({ 'a/b~c': { type: 'string' } }),
      { 'a/b~c': 1 },
      ['a/b~c must be string'],
    ],
    [
      'an enum',
      object({ c: { enum: ['red', 'blue'] } }),
      { c: 'green' },
      ['c must be one of ["red","blue"]'],
    ],
    [
      'null for a parameter that travels in a header is taken for not given, unless it is required',
      object(
        {
          a: { type: 'boolean', 'x-mcp-header': 'A' },
          b: { type: 'string', 'x-mcp-header': 'B' },
          c: { type: 'string' },
        },
        { required: ['b'], additionalProperties: false },
      ),
      { a: null, b: null, c: null },
      ['b must be string', 'c must be string'],
    ],
    [
      'a wrong value for a parameter that travels in a header',
      object({ a: { type: 'boolean', 'x-mcp-header': 'A' } }),
      { a: 'true' },
      ['a must be boolean'],
    ],
    ['no coercion', object({ n: { type: 'number' } }), { n: '1' }, ['n must be number']],
    ['a format is an annotation', object({ d: { type: 'string', format: 'date' } }), { d: 'today' }, []],
    ['unknown keywords are allowed', object({ d: { type: 'string', 'x-vendor': 1 } }), { d: 'a' }, []],
  ];
  for (const [name, schema, args, expected] of rows)
    it(name, () => assert.deepEqual([...check(schema, args)].sort(), [...expected].sort()));

  describe('dialects', () => {
    const tuple = { prefixItems: [{ type: 'string' }], items: false };
    const oldTuple = { items: [{ type: 'string' }], additionalItems: false };
    it('2020-12 when nothing is said', () => {
      assert.deepEqual(check(object({ t: tuple }), { t: ['a'] }), []);
      assert.equal(check(object({ t: tuple }), { t: ['a', 1] }).length, 1);
      assert.equal(
        check(object({ t: tuple }, { $schema: 'https://json-schema.org/draft/2020-12/schema' }), { t: [1] })
          .length,
        1,
      );
    });
    for (const $schema of [
      'http://json-schema.org/draft-07/schema#',
      'https://json-schema.org/draft-07/schema',
    ])
      it(`draft-07 as ${$schema}`, () => {
        assert.deepEqual(check(object({ t: oldTuple }, { $schema }), { t: ['a'] }), []);
        assert.equal(check(object({ t: oldTuple }, { $schema }), { t: ['a', 1] }).length, 1);
      });
    it('another one is refused, not guessed', () =>
      unusable(object({ a: {} }, { $schema: 'http://json-schema.org/draft-04/schema#' }), {}, /dialect/));
  });

  describe('references', () => {
    it('inside the document are followed', () => {
      const schema = object({ p: { $ref: '#/$defs/point' } }, { $defs: { point } });
      assert.deepEqual(check(schema, { p: { x: 1 } }), []);
      assert.deepEqual(check(schema, { p: {} }), ['p.x is required']);
    });
    it('recursive ones too', () => {
      const tree = object({ kids: { type: 'array', items: { $ref: '#' } }, v: { type: 'string' } });
      assert.deepEqual(check(tree, { kids: [{ kids: [{ v: 1 }] }] }), ['kids.0.kids.0.v must be string']);
    });
    it('a property may be called $ref, const or enum', () => {
      const schema = object(
        { $ref: { type: 'string' }, const: { $ref: '#/$defs/s' } },
        { $defs: { s: { type: 'string' } } },
      );
      assert.deepEqual([...check(schema, { $ref: 1, const: 2 })].sort(), [
        '$ref must be string',
        'const must be string',
      ]);
    });
    it('a constant that looks like a reference stays what it is', () =>
      assert.deepEqual(check(object({ c: { const: { $ref: 'x' } } }), { c: { $ref: 'x' } }), []));
    for (const $ref of [
      'http://127.0.0.1:1/schema.json',
      'file:///etc/passwd',
      'other.json',
      '#/$defs/missing',
    ])
      it(`${$ref} is refused and never fetched`, () =>
        unusable(object({ a: { $ref } }), {}, /can not be used/));
    it('two tools may use one $id', () => {
      const schema = object({ a: { type: 'string' } }, { $id: 'https://example.com/a' });
      assert.deepEqual(check({ ...schema }, { a: 'x' }), []);
      assert.deepEqual(check({ ...schema }, { a: 1 }), ['a must be string']);
    });
  });

  describe('bounds', () => {
    it('a pattern that would backtrack for ever', () => {
      const schema = object({ a: { type: 'string', pattern: '^(a+)+$' } });
      assert.equal(within(2000, () => check(schema, { a: `${'a'.repeat(50_000)}b` })).length, 1);
      assert.deepEqual(check(schema, { a: 'aaa' }), []);
    });
    it('patterns may be long or texts may be, but not for long both: the rest is left to the backend', () => {
      const list = object({ l: { type: 'array', items: { type: 'string', pattern: '[0-9a-f]{64}$' } } });
      const texts = Array.from({ length: 400 }, () => 'a'.repeat(10_000));
      within(2000, () => check(list, { l: texts }));
      const long = object({ a: { type: 'string', pattern: `(a|${'b'.repeat(100_000)})+$` } });
      assert.deepEqual(
        within(2000, () => check(long, { a: 'b'.repeat(100_000) })),
        [],
      );
      assert.equal(check(object({ a: { type: 'string', pattern: '^[0-9]+$' } }), { a: 'x' }).length, 1);
    });
    it('a pattern the linear engine does not know is left to the backend', () =>
      assert.deepEqual(check(object({ a: { type: 'string', pattern: '^(?=a)b' } }), { a: 'c' }), []));
    it('several patterns are kept apart', () => {
      const schema = object({ a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } });
      assert.deepEqual(check(schema, { a: 'a', b: 'b' }), []);
      assert.deepEqual(check(schema, { a: 'b', b: 'b' }), ['a must match pattern "^a$"']);
    });
    it('patterns of property names', () => {
      const schema = { type: 'object', patternProperties: { '^(a+)+$': { type: 'string' } } };
      within(2000, () => check(schema, { [`${'a'.repeat(5000)}b`]: 1 }));
    });
    it('uniqueItems compares by value, in any order of keys, and is linear', () => {
      const schema = object({ l: { type: 'array', uniqueItems: true } });
      assert.deepEqual(
        check(schema, {
          l: [
            { a: 1, b: [2] },
            { b: [2], a: 1 },
          ],
        }),
        ['l must not have equal items'],
      );
      assert.deepEqual(check(schema, { l: [1, '1', [1], { 1: 1 }, null, 'null', true] }), []);
      const many = Array.from({ length: 100_000 }, (_, i) => ({ i }));
      assert.deepEqual(
        within(3000, () => check(schema, { l: many })),
        [],
      );
      assert.deepEqual(check(object({ l: { uniqueItems: false } }), { l: [1, 1] }), []);
    });
    it('references that double at each step', () => {
      const $defs: Record<string, Schema> = { a0: { minProperties: 0 } };
      for (let i = 1; i <= 64; i++) $defs[`a${i}`] = { allOf: Array(2).fill({ $ref: `#/$defs/a${i - 1}` }) };
      within(5000, () => unusable({ type: 'object', $defs, $ref: '#/$defs/a64' }, {}, /too long/));
    });
    it('a recursive schema that doubles at each level of the arguments', () => {
      const again = { properties: { x: { $ref: '#/$defs/n' } } };
      let args: Schema = {};
      for (let i = 0; i < 60; i++) args = { x: args };
      within(5000, () =>
        unusable(
          { type: 'object', $defs: { n: { allOf: [again, again] } }, $ref: '#/$defs/n' },
          args,
          /too long/,
        ),
      );
    });
    it('a reference to itself', () =>
      unusable({ type: 'object', $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, {}, /./));
    it('a large definition that is used everywhere', () => {
      const strings = (n: number, of: Schema) =>
        Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, of]));
      const $defs = { big: object(strings(300, { type: 'string', minLength: 1 })) };
      const schema = object(strings(300, { $ref: '#/$defs/big' }), { $defs });
      assert.deepEqual(
        within(8000, () => check(schema, { p0: { p1: '' } })),
        ['p0.p1 must NOT have fewer than 1 characters'],
      );
    });
    it('a schema that is too deep or too large', () => {
      let deep: Schema = {};
      for (let i = 0; i < 70; i++) deep = { properties: { a: deep } };
      unusable({ type: 'object', ...deep }, {}, /too large or too deep/);
      unusable(object({ a: { description: 'x'.repeat(300_000) } }), {}, /too large/);
    });
    it('names ten wrong fields and counts the rest', () => {
      const args = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`f${i}`, 1]));
      const problems = check({ type: 'object', additionalProperties: { type: 'string' } }, args);
      assert.equal(problems.length, 11);
      assert.equal(problems.at(-1), 'and 5 more');
    });
    it('two million wrong items cost no two million messages', () => {
      const schema = object({ l: { type: 'array', items: { type: 'string' } } });
      assert.deepEqual(
        within(3000, () => check(schema, { l: new Array(2_000_000).fill(1) })),
        ['l.0 must be string'],
      );
    });
    it('a name of a megabyte is not repeated whole', () =>
      assert.ok(
        (check(object({}, { additionalProperties: false }), { ['k'.repeat(1 << 20)]: 1 })[0]?.length ?? 0) <
          400,
      ));
  });

  it("a schema that does not compile is the backend's fault, at every call", () => {
    const bad = argumentCheck({ name: 't', inputSchema: { type: 'object', properties: 7 } });
    for (let i = 0; i < 2; i++) assert.throws(() => bad({}), { code: 'ERR_SCHEMA_INVALID' });
  });

  it('is compiled once a definition', () => {
    const tool = { name: 't', inputSchema: point };
    assert.equal(argumentCheck(tool), argumentCheck(tool));
    assert.notEqual(argumentCheck(tool), argumentCheck({ ...tool }));
  });
});
