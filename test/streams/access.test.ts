import assert from 'node:assert/strict';
import type { AccessRule, AccessSettings } from '../../src/config/accessSettings.js';
import { accessOf } from '../../src/streams/access.js';

const rule = (parts: Partial<AccessRule>): AccessRule => ({
  tools: { denied: [] },
  prompts: { denied: [] },
  resources: { denied: [] },
  ...parts,
});
const acme = { tenant: 'acme', roles: [] };
const beta = { tenant: 'beta', roles: [] };
const nobody = { tenant: undefined, roles: [] };
const tenants = [
  { name: 'acme', servers: ['a', 'b'], dedicated: false },
  { name: 'beta', dedicated: false },
  { name: 'own', servers: ['vault'], dedicated: true },
];

describe('streams/access', () => {
  it('without tenants and policies everybody may have everything', () => {
    const access = accessOf(undefined)(nobody);
    assert.deepEqual(
      [access.member, access.server('a'), access.tool('a', 'x', 'a_x'), access.resource('a', 'no uri')],
      [true, true, true, true],
    );
  });

  const rows: [
    string,
    AccessSettings,
    { readonly tenant: string | undefined; readonly roles: readonly string[] },
    readonly [string, string],
    boolean,
  ][] = [
    ['a tenant has its servers', { tenants }, acme, ['a', 'x'], true],
    ['and no others', { tenants }, acme, ['c', 'x'], false],
    ['one that names none has all', { tenants }, beta, ['c', 'x'], true],
    ["but what is another's own", { tenants }, beta, ['vault', 'x'], false],
    ['who owns it has it', { tenants }, { tenant: 'own', roles: [] }, ['vault', 'x'], true],
    ['who belongs to no tenant has nothing', { tenants }, nobody, ['a', 'x'], false],
    ['nor who belongs to an unknown one', { tenants }, { tenant: 'gone', roles: [] }, ['a', 'x'], false],
    ['no tenants at all, and nobody has anything', { tenants: [] }, acme, ['a', 'x'], false],
    ['no policies at all, and nothing is allowed', { rules: [] }, acme, ['a', 'x'], false],
    ['no policy about the caller', { rules: [rule({ tenant: 'beta' })] }, acme, ['a', 'x'], false],
    ['a policy about everyone', { rules: [rule({})] }, nobody, ['a', 'x'], true],
    ['a policy about other servers', { rules: [rule({ servers: ['b'] })] }, acme, ['a', 'x'], false],
    ['a policy can not widen a tenant', { tenants, rules: [rule({})] }, acme, ['c', 'x'], false],
    ['a role it lacks', { rules: [rule({ roles: ['admin'] })] }, acme, ['a', 'x'], false],
    [
      'a role it has',
      { rules: [rule({ roles: ['admin'] })] },
      { tenant: 'acme', roles: ['admin'] },
      ['a', 'x'],
      true,
    ],
    [
      'allowed by its own name',
      { rules: [rule({ tools: { allowed: ['query_*'], denied: [] } })] },
      acme,
      ['a', 'query_x'],
      true,
    ],
    [
      'allowed by its exposed name',
      { rules: [rule({ tools: { allowed: ['a_*'], denied: [] } })] },
      acme,
      ['a', 'query_x'],
      true,
    ],
    [
      'not allowed',
      { rules: [rule({ tools: { allowed: ['get'], denied: [] } })] },
      acme,
      ['a', 'query_x'],
      false,
    ],
    [
      'denied by one, allowed by another',
      { rules: [rule({}), rule({ tools: { denied: ['drop_*'] } })] },
      acme,
      ['a', 'drop_x'],
      false,
    ],
    [
      'denied for another server only',
      { rules: [rule({}), rule({ servers: ['b'], tools: { denied: ['drop_*'] } })] },
      acme,
      ['a', 'drop_x'],
      true,
    ],
  ];
  for (const [what, settings, who, [server, tool], expected] of rows)
    it(`${what}: ${expected ? 'allowed' : 'denied'}`, () =>
      assert.equal(accessOf(settings)(who).tool(server, tool, `${server}_${tool}`), expected));

  it('callers of the same access share a key, others do not', () => {
    const of = accessOf({ tenants, rules: [rule({ roles: ['admin'] }), rule({})] });
    const key = (tenant: string, ...roles: string[]): string => of({ tenant, roles }).key;
    assert.equal(key('acme', 'x'), key('acme', 'y'));
    assert.equal(new Set([key('acme'), key('beta'), key('acme', 'admin'), key('gone')]).size, 4);
  });
});
