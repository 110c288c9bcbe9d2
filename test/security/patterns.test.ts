import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { callOf, readOf } from './attempts.js';
import { refuses, type Attempt } from './refuses.js';
import { setStage, type Stage } from './stage.js';

/** Patterns that take a backtracking engine longer than the world lasts for {@link long}; and what is left to the backend. */
const catastrophic = [
  '^(a+)+$',
  '^(a|a)*$',
  '^(a|aa)+$',
  '^(.*a){20}$',
  '^((a+)*)*$',
  '^a*a*a*a*a*a*a*a*a*a*b$',
  '^([a-zA-Z]+)*$',
  '^(?:(?:a+)+)+$',
] as const;
const unknownToEngine = ['^(?=(a+))\\1*$', '(a*)*\\1b', 'a'.repeat(1001)] as const;

const long = `${'a'.repeat(5000)}!`;

const schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ...Object.fromEntries(
    [...catastrophic, ...unknownToEngine].map((pattern, n) => [
      `p${n}`,
      { type: 'object', properties: { text: { type: 'string', pattern } } },
    ]),
  ),
  keys: { type: 'object', patternProperties: { '^(k+)+$': { type: 'number' } }, additionalProperties: false },
  names: { type: 'object', propertyNames: { pattern: '^(a+)+$' } },
  unique: { type: 'object', properties: { items: { type: 'array', uniqueItems: true } } },
  branches: {
    type: 'object',
    properties: { x: { $ref: '#/$defs/n40' } },
    $defs: Object.fromEntries([
      ['n0', { const: 'never' }],
      ...Array.from({ length: 40 }, (_, n) => [
        `n${n + 1}`,
        { anyOf: [{ $ref: `#/$defs/n${n}` }, { $ref: `#/$defs/n${n}` }] },
      ]),
    ]) as object,
  },
  remote: { type: 'object', properties: { x: { $ref: 'http://127.0.0.1:1/schema.json' } } },
  file: { type: 'object', properties: { x: { $ref: 'file:///etc/passwd' } } },
  many: {
    type: 'object',
    properties: { items: { type: 'array', items: { type: 'number' } } },
  },
};

describe('security: patterns and schemas that cost', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        tools: [
          { name: 'echo', inputSchema: { type: 'object' } },
          ...Object.entries(schemas).map(([name, inputSchema]) => ({ name, inputSchema })),
        ],
      })),
  );
  after(() => stage.close());

  refuses(
    () => stage,
    [
      ...catastrophic.map((pattern, n): Attempt => ({
        name: `the pattern ${pattern}`,
        send: callOf(`back_p${n}`, { text: long }),
        gets: [200, 0, `Invalid arguments: text must match pattern "${pattern}"`],
      })),
      {
        name: 'a pattern for keys',
        send: callOf('back_keys', { [`${'k'.repeat(5000)}!`]: 1 }),
        gets: [200, 0, /^Invalid arguments: k{200,300}$/],
      },
      {
        name: 'a pattern for names',
        send: callOf('back_names', { [long]: 1 }),
        gets: [200, 0, /^Invalid arguments: /],
      },
      {
        name: 'a hundred thousand items that must differ',
        send: callOf('back_unique', {
          items: [...Array.from({ length: 100_000 }, (_, n) => ({ n })), { n: 0 }],
        }),
        gets: [200, 0, 'Invalid arguments: items must not have equal items'],
      },
      {
        name: 'references that multiply to 2^40',
        send: callOf('back_branches', { x: 'a' }),
        gets: [
          200,
          -32603,
          /^The input schema of this tool can not be used: checking these arguments against it takes too long$/,
        ],
      },
      {
        name: 'a reference to another host',
        send: callOf('back_remote', { x: 'a' }),
        gets: [200, -32603, /^The input schema of this tool can not be used: can't resolve reference/],
      },
      {
        name: 'a reference to a file',
        send: callOf('back_file', { x: 'a' }),
        gets: [200, -32603, /^The input schema of this tool can not be used: can't resolve reference/],
      },
      {
        name: 'a hundred thousand faults, of which one is told',
        send: callOf('back_many', { items: Array.from({ length: 100_000 }, () => 'a') }),
        gets: [200, 0, 'Invalid arguments: items.0 must be number'],
      },
    ],
  );

  it('what a linear engine does not know is left to the backend', async () => {
    const seen = await stage.seenOf(async () => {
      for (const n of unknownToEngine.keys()) {
        const answer = await ask(stage.port, callOf(`back_p${catastrophic.length + n}`, { text: long }));
        assert.equal(responseOf(answer).result?.isError, undefined);
      }
    });
    assert.equal(seen.length, unknownToEngine.length);
  });
});

describe('security: patterns of the configuration', () => {
  let stage: Stage;
  const stars = '*a'.repeat(30);
  before(
    async () =>
      (stage = await setStage({
        top: `policies:
  - tools: { denied: ['${stars}b'] }
    resources: { allowed: ['file:///${stars}b'] }`,
      })),
  );
  after(() => stage.close());

  refuses(
    () => stage,
    [
      {
        name: 'a name for a glob of thirty stars',
        send: callOf('a'.repeat(15_000)),
        gets: [200, -32602, `Unknown tool: ${'a'.repeat(256)}`],
      },
      {
        name: 'a URI for a glob of thirty stars',
        send: readOf(`file:///${'a'.repeat(4000)}`),
        gets: [200, -32602, 'Resource not found', { uri: `file:///${'a'.repeat(248)}` }],
      },
    ],
  );
});

describe('security: resource templates that cost', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        templates: [`file:///open/${'{a}'.repeat(1000)}!`, `file:///${'{+a}{b}'.repeat(300)}!`],
        servers: (url) => `\n  other: { url: "${url}/mcp", health_check: { enabled: false } }`,
      })),
  );
  after(() => stage.close());

  refuses(
    () => stage,
    [
      {
        name: 'a URI for a template of a thousand expressions',
        send: readOf(`file:///open/${'a'.repeat(4000)}`),
        gets: [200, -32602, 'Resource not found', { uri: `file:///open/${'a'.repeat(243)}` }],
      },
    ],
  );
});
