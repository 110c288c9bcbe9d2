import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeHeaderValue,
  encodeHeaderValue,
  headerParameters,
  nameHeaderSource,
  parameterHeaders,
} from '../../src/protocol/headers.js';

describe('encodeHeaderValue', () => {
  const cases: [string | number | boolean, string][] = [
    ['plain', 'plain'],
    ['with interior spaces', 'with interior spaces'],
    ['', ''],
    [42, '42'],
    [-7, '-7'],
    [true, 'true'],
    [false, 'false'],
    [' leading', '=?base64?IGxlYWRpbmc=?='],
    ['trailing ', '=?base64?dHJhaWxpbmcg?='],
    ['tab\tinside', '=?base64?dGFiCWluc2lkZQ==?='],
    ['line\r\nbreak', '=?base64?bGluZQ0KYnJlYWs=?='],
    ['日本', '=?base64?5pel5pys?='],
    ['=?base64?eA==?=', '=?base64?PT9iYXNlNjQ/ZUE9PT89?='],
  ];
  for (const [value, expected] of cases)
    it(`writes ${JSON.stringify(value)}`, () => assert.equal(encodeHeaderValue(value), expected));

  it('comes back the same for every text, and is always a legal field value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // Half a surrogate pair is no character.
        const wellFormed = Buffer.from(text).toString();
        const encoded = encodeHeaderValue(wellFormed);
        assert.match(encoded, /^[\x20-\x7e]*$/);
        assert.equal(decodeHeaderValue(encoded), wellFormed);
      }),
    );
  });
});

describe('decodeHeaderValue', () => {
  const cases: [string, string | undefined][] = [
    ['plain', 'plain'],
    ['  padded\t', 'padded'],
    ['=?base64?eA==?=', 'x'],
    ['=?base64??=', ''],
    ['=?BASE64?eA==?=', '=?BASE64?eA==?='],
    ['=?base64?eA==', '=?base64?eA=='],
    ['eA==?=', 'eA==?='],
    ['=?base64?eA=?=', undefined],
    ['=?base64?eA?=', undefined],
    ['=?base64?e A==?=', undefined],
    ['=?base64?e-_=?=', undefined],
    ['=?base64?eB==?=', undefined],
    ['=?base64?/w==?=', undefined],
    ['caf\u00e9', undefined],
    ['bell\u0007', undefined],
  ];
  for (const [raw, expected] of cases)
    it(`reads ${JSON.stringify(raw)}`, () => assert.equal(decodeHeaderValue(raw), expected));
});

describe('headerParameters', () => {
  const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
    type: 'object',
    properties,
    ...more,
  });

  it('finds annotated properties at any depth of properties', () => {
    const schema = object({
      region: { type: 'string', 'x-mcp-header': 'Region' },
      plain: { type: 'string' },
      where: object({ level: { type: 'integer', 'x-mcp-header': 'Level' } }),
    });
    assert.deepEqual(headerParameters(schema), [
      { header: 'Mcp-Param-Region', path: ['region'], type: 'string' },
      { header: 'Mcp-Param-Level', path: ['where', 'level'], type: 'integer' },
    ]);
  });

  it('leaves data and property names alone', () => {
    const schema = object({ 'x-mcp-header': { type: 'string', default: { 'x-mcp-header': '' } } });
    assert.deepEqual(headerParameters(schema), []);
  });

  const annotated = { type: 'string', 'x-mcp-header': 'A' };
  const bad: Record<string, Record<string, unknown>> = {
    'an empty name': object({ a: { type: 'string', 'x-mcp-header': '' } }),
    'a name that is no token': object({ a: { type: 'string', 'x-mcp-header': 'a b' } }),
    'a line break': object({ a: { type: 'string', 'x-mcp-header': 'a\r\nb' } }),
    'a name that is no string': object({ a: { type: 'string', 'x-mcp-header': null } }),
    'a number': object({ a: { type: 'number', 'x-mcp-header': 'A' } }),
    'an object': object({ a: { type: 'object', 'x-mcp-header': 'A' } }),
    'the same name twice, in another case': object({
      a: annotated,
      b: { type: 'string', 'x-mcp-header': 'a' },
    }),
    'the root': object({}, { 'x-mcp-header': 'A' }),
    items: object({ a: { type: 'array', items: annotated } }),
    anyOf: object({ a: { anyOf: [annotated] } }),
    $defs: object({}, { $defs: { a: object({ b: annotated }) } }),
    additionalProperties: object({}, { additionalProperties: annotated }),
  };
  for (const [name, schema] of Object.entries(bad))
    it(`refuses ${name}`, () => assert.ok('invalid' in headerParameters(schema)));

  it('refuses a bottomless schema', () => {
    let schema = object({});
    for (let depth = 0; depth < 10_000; depth++) schema = object({ a: schema });
    assert.ok('invalid' in headerParameters(schema));
  });
});

describe('parameterHeaders', () => {
  const parameters = [
    { header: 'Mcp-Param-Region', path: ['region'], type: 'string' },
    { header: 'Mcp-Param-Level', path: ['where', 'level'], type: 'integer' },
  ] as const;

  it('mirrors what is there', () =>
    assert.deepEqual(parameterHeaders(parameters, { region: 'zürich', where: { level: 3 } }), {
      'Mcp-Param-Region': '=?base64?esO8cmljaA==?=',
      'Mcp-Param-Level': '3',
    }));

  it('has no header for absent, null, structured and unsafe values', () => {
    assert.deepEqual(parameterHeaders(parameters, undefined), {});
    assert.deepEqual(parameterHeaders(parameters, { region: null, where: { level: 2 ** 53 } }), {});
    assert.deepEqual(parameterHeaders(parameters, { region: ['x'], where: 'there' }), {});
  });
});

describe('nameHeaderSource', () => {
  it('knows the three methods', () => {
    assert.equal(nameHeaderSource('tools/call'), 'name');
    assert.equal(nameHeaderSource('prompts/get'), 'name');
    assert.equal(nameHeaderSource('resources/read'), 'uri');
    assert.equal(nameHeaderSource('tools/list'), undefined);
  });
});
