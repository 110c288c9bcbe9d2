import assert from 'node:assert/strict';
import type { ServerAccess } from '../../src/config/authSettings.js';
import type { ServerSettings } from '../../src/config/settings.js';
import { wholeAccess, type Access } from '../../src/streams/access.js';
import { doorsOf } from '../../src/streams/doors.js';
import type { Principal } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';

const server = (name: string, access?: Partial<ServerAccess>): ServerSettings =>
  ({ name, ...(access && { access: { scopes: [], ...access } }) }) as unknown as ServerSettings;

const servers = [
  server('plain'),
  server('open', { authRequired: false }),
  server('closed', { authRequired: true }),
  server('guests', { allowedClients: ['internal', 'ci-*'] }),
  server('openGuests', { authRequired: false, allowedClients: ['internal'] }),
];
const names = servers.map(({ name }) => name);
const seen = (who: Principal, isAsked = true): readonly string[] => {
  const access = doorsOf(servers, isAsked).within(wholeAccess, who);
  return names.filter((name) => access.server(name));
};

const stranger = knownPrincipal({ id: 'x', method: 'none', anonymous: true });
const client = (clientId: string | undefined, more: Partial<Principal> = {}): Principal =>
  knownPrincipal({ id: `client ${clientId}`, method: 'jwt', clientId, ...more });

describe('streams/doors', () => {
  const rows: [string, Principal, readonly string[]][] = [
    ['a stranger enters what wants no name, and is for all', stranger, ['open']],
    ['a client enters what is for all', client('other'), ['plain', 'open', 'closed']],
    ['one that is allowed enters all', client('internal'), names],
    ['by a pattern', client('ci-7'), ['plain', 'open', 'closed', 'guests']],
    ['one without a name is no client that is allowed', client(undefined), ['plain', 'open', 'closed']],
    ['who started the program enters all', knownPrincipal({ id: 'local', method: 'none' }), names],
    [
      'a key for some servers',
      client('internal', { reach: { servers: ['p*', 'guests'] } }),
      ['plain', 'guests'],
    ],
    ['a key for servers that are for others', client('x', { reach: { servers: ['guests'] } }), []],
  ];
  for (const [name, who, expected] of rows) it(name, () => assert.deepEqual(seen(who), expected));

  it('all doors are open where nobody is asked', () => assert.deepEqual(seen(stranger, false), names));

  const within = (reach: Principal['reach'], access: Access = wholeAccess): Access =>
    doorsOf(servers, true).within(access, client('c', { reach }));

  it('a key for some tools is good for nothing else', () => {
    const access = within({ tools: ['plain_get*'] });
    assert.equal(access.tool('plain', 'get', 'plain_get'), true);
    assert.equal(access.tool('plain', 'plain_get', 'plain_plain_get'), false, 'the exposed name counts');
    assert.equal(access.tool('plain', 'set', 'plain_set'), false);
    assert.equal(access.prompt('plain', 'get', 'plain_get'), false);
    assert.equal(access.resource('plain', 'file:///a'), false);
    assert.equal(access.template('plain', 'file:///{a}'), false);
  });

  it('takes away, and gives nothing', () => {
    const nothing: Access = { ...wholeAccess, key: 'n', server: () => false, tool: () => false };
    const access = within({ servers: ['*'], tools: ['*'] }, nothing);
    assert.equal(access.server('plain'), false);
    assert.equal(access.tool('plain', 'get', 'plain_get'), false);
  });

  it('callers who see the same have the same key, others another one', () => {
    const keyOf = (who: Principal): string => doorsOf(servers, true).within(wholeAccess, who).key;
    assert.equal(keyOf(client('a')), keyOf(client('b')));
    const others = [
      stranger,
      client('a'),
      client('internal'),
      client('a', { reach: { servers: ['plain'] } }),
    ];
    others.push(client('a', { reach: { tools: ['plain'] } }), client('a', { reach: { servers: ['open'] } }));
    assert.equal(new Set(others.map(keyOf)).size, others.length);
  });
});
