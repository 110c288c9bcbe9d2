import assert from 'node:assert/strict';
import { encodeHeaderValue } from '../../src/protocol/headers.js';
import { ask } from '../support/ask.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { callOf, readOf } from './attempts.js';
import { refuses, type Attempt } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const dots = `Argument "part" can't be part of a path: "." and ".." are refused.`;
const notText = `Argument "part" can't be part of a path: it must be text or a number.`;
const missing = 'Missing argument "part": it is part of the path.';

describe('security: paths of REST services', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  const part = (value: unknown, says: string, name = JSON.stringify(value)): Attempt => ({
    name,
    send: callOf('rest_item', { id: 'a', part: value }),
    gets: [200, 0, says],
  });
  refuses(
    () => stage,
    [
      ...[
        '..',
        '.',
        '../../admin',
        '%2e%2e',
        '%252e%252e%252fadmin',
        '..%2fadmin',
        '..\\admin',
        'a/../../admin',
        '..;jsessionid=1',
        '.;/x',
        'a%5c..%5cadmin',
        '．．',
        '\u2025',
        '..／admin',
        ['..', 'x'].join('/'),
      ].map((value) => part(value, dots)),
      ...['a\0', '\ud800', { toString: '..' }, [['..']], ['a', { b: 1 }]].map((value) =>
        part(value, notText),
      ),
      ...['', null, []].map((value) => part(value, missing)),
      {
        name: 'dots of two arguments that meet in one segment',
        send: callOf('rest_twins', { a: '.', b: '.' }),
        gets: [200, 0, `Argument "a", "b" can't be part of a path: "." and ".." are refused.`],
      },
    ],
  );

  for (const [what, value, path] of [
    ['a query', 'x?admin=1', 'x%3Fadmin%3D1'],
    ['a fragment', 'x#y', 'x%23y'],
    ['a new line', 'x\r\nHost: evil', 'x%0D%0AHost%3A%20evil'],
    ['another host', '//evil.example/x', '%2F%2Fevil.example%2Fx'],
    ['a slash', 'x/y', 'x%2Fy'],
    ['a wide letter', 'ｘ', '%EF%BD%98'],
  ] as const)
    it(`${what} stays within its segment`, async () => {
      const seen = await stage.seenOf(() => modernCall(stage.port, 'rest_item', { id: 'a', part: value }));
      assert.deepEqual(
        seen.map(({ url }) => url),
        [`/api/items/a/parts/${path}`],
      );
    });
});

describe('security: URIs of resources', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        top: `policies:\n  - resources: { allowed: ['file:///open/*', 'db://acme/*'] }`,
      })),
  );
  after(() => stage.close());

  refuses(
    () => stage,
    [
      'file:///closed/x',
      'file:///open/../closed/x',
      'file:///open/./../closed/x',
      'file:///open/..',
      'file:///open/%2e%2e/closed/x',
      'file:///open/%2E./closed/x',
      'file:///open/%252e%252e/closed/x',
      'file:///open/..%2fclosed/x',
      'file:///open/..\\closed\\x',
      'file:///open/..%5cclosed',
      'file:///open/..;/closed/x',
      'file:///open/．．/closed/x',
      'file:///open/%c0%ae%c0%ae/closed/x',
      'file:///open/x%00.txt',
      'file:///open/x\u200b',
      'file:///open/\u202e../x',
      'file://evil.example/open/x',
      'file:/closed/../open/x',
      'FILE:///closed/x',
      'db://acme@evil.example/x',
      'db://acme.evil.example/x',
      'db://ACME%2f..%2fother/x',
      '//open/x',
      'open/x',
      'javascript:alert(1)',
      `file:///open/${'x'.repeat(5000)}`,
    ].map((uri): Attempt => ({
      name: uri.length > 100 ? 'one of 5,000 characters' : JSON.stringify(uri),
      send: readOf(uri),
      gets: [200, -32602, 'Resource not found', { uri: uri.slice(0, 256) }],
    })),
  );
});

describe('security: new lines in headers made of arguments', () => {
  let stage: Stage;
  before(
    async () =>
      (stage = await setStage({
        tools: [
          { name: 'echo', inputSchema: { type: 'object' } },
          {
            name: 'regional',
            inputSchema: {
              type: 'object',
              properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
            },
          },
        ],
      })),
  );
  after(() => stage.close());

  const evil = 'eu\r\nX-Admin: 1';
  const regional = (tool: string, args: Readonly<Record<string, unknown>>, header?: string) =>
    modernRequest('tools/call', { name: tool, arguments: args }, { headers: { 'mcp-param-region': header } });

  refuses(
    () => stage,
    [
      {
        name: 'a header of a REST service: a new line',
        send: regional('rest_regional', { region: 'eu', note: evil }, 'eu'),
        gets: [200, 0, `Argument "note" is sent as a header and has characters a header can't carry.`],
      },
      {
        name: 'a header of a REST service: a zero',
        send: regional('rest_regional', { note: 'a\0b' }),
        gets: [200, 0, `Argument "note" is sent as a header and has characters a header can't carry.`],
      },
      {
        name: 'a header of a REST service: a letter whose last byte is a line feed',
        send: regional('rest_regional', { note: 'a\u010ab\u010dc' }),
        gets: [200, 0, `Argument "note" is sent as a header and has characters a header can't carry.`],
      },
      {
        name: 'a header of a REST service: a new line in a list',
        send: regional('rest_regional', { note: ['a', evil] }),
        gets: [200, 0, `Argument "note" is sent as a header and has characters a header can't carry.`],
      },
      {
        name: 'a header that says less than its argument',
        send: regional('back_regional', { region: evil }, 'eu'),
        gets: [400, -32020, 'Header mismatch: Mcp-Param-Region differs from its argument'],
      },
      {
        name: 'a header without an argument',
        send: regional('back_regional', {}, 'eu'),
        gets: [400, -32020, 'Header mismatch: Mcp-Param-Region is there, its argument is not'],
      },
      {
        name: 'an argument without its header',
        send: regional('back_regional', { region: 'eu' }),
        gets: [400, -32020, 'Header mismatch: Mcp-Param-Region is missing'],
      },
      {
        name: 'a header whose base64 is loose',
        send: regional('back_regional', { region: 'eu' }, '=?base64?ZXU?='),
        gets: [400, -32020, 'Header mismatch: Mcp-Param-Region is malformed'],
      },
    ],
  );

  it('towards an MCP server such an argument travels encoded', async () => {
    const header = encodeHeaderValue(evil);
    const seen = await stage.seenOf(() =>
      ask(stage.port, regional('back_regional', { region: evil }, header)),
    );
    assert.equal(seen.length, 1);
    const { rawHeaders = [] } = seen[0] ?? {};
    assert.ok(rawHeaders.includes(header), rawHeaders.join());
    assert.ok(!rawHeaders.some((text) => /x-admin/i.test(text)));
  });
});
