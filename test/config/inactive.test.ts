import assert from 'node:assert/strict';
import { data, here, load } from './data/read.js';

const notices = (text: string): string[] =>
  load(text, { ORDERS_TOKEN: 'tok' }, here).inactive.map(
    ({ path, line, column, unsafe }) => `${line}:${column} ${path}${unsafe ? ' unsafe' : ''}`,
  );

describe('config: keys without a function yet', () => {
  it('are told of, with their place', () => {
    assert.deepEqual(notices(data('servers.yaml')), [
      '5:5 servers.database.auth_required unsafe',
      '10:5 servers.search.auth_required unsafe',
      '14:5 servers.filesystem.allowed_clients unsafe',
    ]);
    assert.deepEqual(notices(data('failover.yaml')), []);
    assert.deepEqual(notices(data('access.yaml')), []);
    assert.deepEqual(notices(data('ours.yaml')), []);
  });

  const values: [string, string[]][] = [
    ['workers: 1', []],
    ['workers: 4', []],
    ['sessions: { store: memory }', []],
    ['sessions: { store: hazelcast }', []],
    ['servers: { a: { url: http://h, auth_required: false } }', []],
    ['servers: { a: { url: http://h, auth_required: true } }', ['1:32 servers.a.auth_required unsafe']],
    [
      'auth: { api_keys: { file: k } }\nservers: { a: { url: http://h, auth_required: true, scopes: [x] } }',
      [],
    ],
    ['servers: { a: { url: http://h, strategy: weighted } }', []],
    ['servers: { a: { url: http://h, strategy: failover } }', []],
  ];
  for (const [text, expected] of values)
    it(`${text}: ${expected.length === 0 ? 'nothing' : expected.join()}`, () =>
      assert.deepEqual(notices(text), expected));
});
