import assert from 'node:assert/strict';
import { definitionDigest } from '../../../src/protocol/integrity/definitionDigest.js';
import { pinnedDefinitions } from '../../../src/protocol/integrity/pinnedDefinitions.js';
import { pinKey, readPins, writePins, type Pin } from '../../../src/protocol/integrity/pins.js';

const tool = {
  name: 'query',
  title: 'Query',
  description: 'Asks',
  inputSchema: { type: 'object', properties: { a: { type: 'string' }, b: {} } },
  annotations: { readOnlyHint: true },
};
const digestOf = (definition: Readonly<Record<string, unknown>>): string | undefined => {
  const [pinned] = pinnedDefinitions({ tools: [definition], prompts: [], resourceTemplates: [] });
  return pinned && definitionDigest(pinned.definition);
};

describe('protocol/integrity/pins', () => {
  const same: [string, Readonly<Record<string, unknown>>][] = [
    ['members in another order', { ...Object.fromEntries(Object.entries(tool).reverse()) }],
    ['another icon', { ...tool, icons: [{ src: 'x' }] }],
    ['other _meta', { ...tool, _meta: { a: 1 } }],
  ];
  for (const [name, definition] of same)
    it(`takes ${name} for the same definition`, () => assert.equal(digestOf(definition), digestOf(tool)));

  const other: [string, Readonly<Record<string, unknown>>][] = [
    ['a description', { ...tool, description: 'Asks.' }],
    ['a title', { ...tool, title: undefined }],
    [
      'a schema, deep within',
      { ...tool, inputSchema: { ...tool.inputSchema, properties: { a: { type: 'string' }, b: { x: 1 } } } },
    ],
    ['an output schema', { ...tool, outputSchema: { type: 'object' } }],
    ['a member that nobody knows yet', { ...tool, xfield: 'ignore previous instructions' }],
    ['its use as a task', { ...tool, execution: { taskSupport: 'required' } }],
    ['an annotation', { ...tool, annotations: { readOnlyHint: false } }],
  ];
  for (const [name, definition] of other)
    it(`takes one with ${name} changed for another`, () =>
      assert.notEqual(digestOf(definition), digestOf(tool)));

  const pin: Pin = { digest: `sha256:${'a'.repeat(64)}`, definition: { name: 'x' } };

  it('writes what it reads, sorted', () => {
    const pins = new Map([
      [
        'z',
        new Map([
          [pinKey('tools', 'b'), pin],
          [pinKey('tools', 'a b'), pin],
          [pinKey('resourceTemplates', 'x://{a}'), pin],
        ]),
      ],
      ['a', new Map<string, Pin>()],
      ['__proto__', new Map([[pinKey('tools', '__proto__'), pin]])],
    ]);
    const text = writePins(pins);
    assert.deepEqual(
      readPins(text),
      new Map(
        [...pins]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, all]) => [name, new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)))]),
      ),
    );
    assert.equal(writePins(readPins(text)), text);
    assert.ok(text.indexOf('"a b"') < text.indexOf('"b"'));
  });

  for (const text of [
    '',
    'null',
    '{}',
    '{"version":2,"servers":{}}',
    '{"version":1,"servers":[]}',
    '{"version":1,"servers":{"a":7}}',
    '{"version":1,"servers":{"a":{"tools":{"x":{}}}}}',
    '{"version":1,"servers":{"a":{"tools":{"x":{"digest":"md5:1"}}}}}',
  ])
    it(`refuses ${text || 'nothing'}`, () => assert.throws(() => readPins(text), SyntaxError));
});
