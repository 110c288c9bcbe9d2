import assert from 'node:assert/strict';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';
import { clientAddress } from '../../src/streams/clientAddress.js';
import type { Principal } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { rateLimits, type Claim } from '../../src/streams/rateLimits.js';
import { call, type CallOptions } from '../../src/testing/call.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { internalMethods } from '../../src/protocol/methods.js';
import { targetOf, tool } from '../operators/scenarios.js';

const compile = (yaml: string) => loadSettings(yaml, { file: 'test.yaml', env: {}, baseDir: '/' });
const limitsOf = (settings: Settings) => rateLimits(settings, clientAddress(settings.http.trustedProxies));
const limitsIn = (yaml: string) => limitsOf(compile(yaml));

const nobody = knownPrincipal({ id: 'anonymous', method: 'none', anonymous: true });
const from = (principal: Principal, method = 'tools/call', options: CallOptions = {}) => ({
  ...call(method, { address: '10.0.0.7', ...options }),
  principal,
});
/** Whose it is, of the one limit there is. */
const whose = (by: string, principal: Principal, options?: CallOptions): string | undefined => {
  const claims = limitsIn(`limits: { '*': { rate: 1/s, by: ${by} } }`).ofMessage(
    from(principal, 'ping', options),
  );
  assert.equal(claims.length, 1);
  return claims[0]?.key;
};

describe('streams/rateLimits', () => {
  describe('whose a message is', () => {
    const token = (issuer: string, user: string, parts: Partial<Principal> = {}) =>
      knownPrincipal({
        id: `${issuer} user ${user}`,
        method: 'jwt',
        user,
        clientId: 'app',
        claims: { iss: issuer },
        ...parts,
      });
    const key = (id: string, parts: Partial<Principal> = {}) =>
      knownPrincipal({ id: `key ${id}`, method: 'api_key', clientId: id, ...parts });
    const same = (by: string, a: Principal, b: Principal) => whose(by, a) === whose(by, b);

    it('a session, a name that the client gives itself, its headers: nothing of that counts', () => {
      for (const by of ['user', 'client', 'tenant', 'ip', 'all'])
        assert.equal(
          whose(by, token('i', 'ann'), { sessionId: 'one', namespace: 'a', headers: { 'user-agent': 'a' } }),
          whose(by, token('i', 'ann'), { sessionId: 'two', transport: 'websocket' }),
        );
    });
    it('a user of one issuer is none of another, and none of a key', () => {
      assert.equal(same('user', token('a', 'ann'), token('a', 'ann')), true);
      assert.equal(same('user', token('a', 'ann'), token('b', 'ann')), false);
      assert.equal(same('user', token('a', 'ann'), key('1', { user: 'ann' })), false);
      assert.equal(same('client', token('a', 'ann'), token('b', 'bob')), false);
    });
    it('all keys of a user are one user, and each is a client', () => {
      const [one, two] = [key('1', { user: 'ann' }), key('2', { user: 'ann' })];
      assert.deepEqual([same('user', one, two), same('client', one, two)], [true, false]);
      assert.equal(same('user', key('1'), key('2')), false);
      assert.equal(same('user', one, key('3', { user: 'ann', tenant: 'acme' })), false);
    });
    it('all users of a client are one client, and each is a user', () => {
      const [ann, bob] = [token('a', 'ann'), token('a', 'bob')];
      assert.deepEqual([same('client', ann, bob), same('user', ann, bob)], [true, false]);
    });
    it('by tenant: all of it; who has none is himself', () => {
      const [ann, bob] = [token('a', 'ann', { tenant: 't' }), key('1', { tenant: 't' })];
      assert.equal(same('tenant', ann, bob), true);
      assert.equal(same('tenant', token('a', 'ann'), token('a', 'bob')), false);
    });
    it('who has said nothing is his address, whatever the limit is by', () => {
      for (const by of ['user', 'client', 'tenant', 'ip']) {
        assert.equal(whose(by, nobody), whose('ip', token('a', 'ann')));
        assert.notEqual(whose(by, nobody), whose(by, nobody, { address: '10.0.0.8' }));
        assert.equal(
          whose(by, nobody, { address: '2001:db8::1' }),
          whose(by, nobody, { address: '2001:db8::ffff:2' }),
        );
      }
      assert.equal(whose('all', nobody), whose('all', token('a', 'ann')));
    });
    it('behind a proxy that is trusted, his own address', () => {
      const yaml = "limits: { '*': { rate: 1/s, by: ip } }\nhttp: { trusted_proxies: [10.0.0.0/8] }";
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      const [claim] = limitsIn(yaml).ofMessage(from(nobody, 'ping', { headers }));
      assert.match(claim?.key ?? '', /203\.0\.113\.9$/);
    });
  });

  describe('what a message takes', () => {
    const everywhere = limitsIn("limits: { '*': { requests_per_minute: 6, burst_size: 2 } }");
    const taken = (method: string, options?: CallOptions) =>
      everywhere.ofMessage(from(nobody, method, options)).map(({ name, limit }) => [name, limit.max]);

    it('calls have the limit as it stands, what only asks ten times as much, notifications again', () => {
      for (const method of ['tools/call', 'prompts/get', 'resources/read', 'tools/unheard-of'])
        assert.deepEqual(
          taken(method),
          method === 'tools/unheard-of' ? [['limits.* (other requests)', 20]] : [['limits.*', 2]],
        );
      for (const method of ['ping', 'tools/list', 'initialize', 'completion/complete', 'tasks/get'])
        assert.deepEqual(taken(method), [['limits.* (other requests)', 20]]);
      assert.deepEqual(taken('notifications/cancelled', { id: null }), [['limits.* (notifications)', 20]]);
    });
    it('streams that stand open are requests, answers are notifications, the end of a session is free', () => {
      const internal = (method: string) => taken(method, { id: null });
      assert.deepEqual(internal(internalMethods.stream), [['limits.* (other requests)', 20]]);
      assert.deepEqual(internal(internalMethods.resume), [['limits.* (other requests)', 20]]);
      assert.deepEqual(internal(internalMethods.response), [['limits.* (notifications)', 20]]);
      assert.deepEqual(internal(internalMethods.end), []);
    });
    it('each from a limit of its own', () => {
      const keys = ['tools/call', 'ping', 'notifications/x'].map(
        (method) =>
          everywhere.ofMessage(from(nobody, method, method.startsWith('n') ? { id: null } : {}))[0]?.key,
      );
      assert.equal(new Set(keys).size, 3);
    });
  });

  describe('what is limited', () => {
    const config = compile(`
servers:
  orders:
    type: rest
    url: http://orders
    rate_limit: 100/min
    tools: { get: { path: /get, rate_limit: { rate: 10/s, burst: 3, by: client } }, list: { path: /list } }
  other: { url: http://other }
limits:
  orders: { requests_per_minute: 60, by: all }
  get: { requests_per_minute: 30 }
  'orders_l*': { rate: 5/h, by: tool }
  heavy: { rate: 2/day, tools: ['*_list'], servers: [orders], by: ip }
  '*': { rate: 7/s, by: tool }
`);
    const server = (name: string) => {
      const settings = config.servers.find((each) => each.name === name);
      assert.ok(settings !== undefined);
      return { ...serverOffering(name, { tools: [tool('get'), tool('list')] }), settings };
    };
    const rates = limitsOf(config);
    const servers = { orders: server('orders'), other: server('other') };
    const claims = (
      of: 'orders' | 'other',
      name: string | undefined,
      method = 'tools/call',
    ): readonly Claim[] => {
      const { toolRules } = servers[of].settings;
      const rule = name === undefined ? undefined : toolRules?.[name];
      const target = targetOf({ server: servers[of], rule }, name === undefined ? undefined : tool(name));
      return rates.ofCall({
        ...from(nobody, method),
        target: name === undefined ? { ...target, tool: undefined } : target,
      });
    };
    const names = (...args: Parameters<typeof claims>) => claims(...args).map(({ name }) => name);

    it('a tool by what its server says, by its own name and by the exposed one; the narrowest first', () => {
      assert.deepEqual(names('orders', 'get'), [
        'servers.orders.rate_limit',
        'limits.get',
        'servers.orders.tools.get.rate_limit',
        'limits.*',
        'limits.orders',
      ]);
      assert.deepEqual(names('orders', 'list'), [
        'servers.orders.rate_limit',
        'limits.heavy',
        'limits.orders_l*',
        'limits.*',
        'limits.orders',
      ]);
    });
    it('the tool of another server by its name only', () =>
      assert.deepEqual(names('other', 'get'), ['limits.get', 'limits.*']));
    it('what is no tool by the limits of its server', () =>
      assert.deepEqual(names('orders', undefined, 'resources/read'), [
        'servers.orders.rate_limit',
        'limits.*',
        'limits.orders',
      ]));
    it('rates and bursts become buckets', () => {
      const limits = Object.fromEntries(claims('orders', 'get').map(({ name, limit }) => [name, limit]));
      assert.deepEqual(limits, {
        'servers.orders.rate_limit': { kind: 'bucket', max: 100, windowMs: 60_000 },
        'limits.get': { kind: 'bucket', max: 30, windowMs: 60_000 },
        'servers.orders.tools.get.rate_limit': { kind: 'bucket', max: 3, windowMs: 300 },
        'limits.*': { kind: 'bucket', max: 7, windowMs: 1000 },
        'limits.orders': { kind: 'bucket', max: 60, windowMs: 60_000 },
      });
    });
    it('a message that is no call yet passes none of them', () =>
      assert.deepEqual(rates.ofMessage(from(nobody)), []));
    it('by tool: each has its own, and names that nobody knows have none', () => {
      const keyOf = (of: 'orders' | 'other', name: string) =>
        claims(of, name).find(({ by }) => by === 'tool')?.key;
      const keys = [keyOf('orders', 'get'), keyOf('orders', 'list'), keyOf('other', 'get')];
      assert.equal(new Set(keys).size, 3);
    });
  });

  describe('quotas', () => {
    const rates = limitsIn(
      "tenants: { acme: { quotas: { requests_per_day: 10, requests_per_month: 100 } }, free: {} }\nlimits: { '*.x': { rate: 1/s } }",
    );
    const of = (tenant: string | undefined, method?: string) =>
      rates.ofCall({ ...from(knownPrincipal({ id: 'ann', tenant }), method), target: targetOf() });

    it('are of calls, by tenant, behind all else', () => {
      assert.deepEqual(
        of('acme').map(({ name, by, limit, isQuota }) => [name, by, limit.kind, limit.max, isQuota]),
        [
          ['tenants.acme.quotas.requests_per_day', 'tenant', 'quota', 10, true],
          ['tenants.acme.quotas.requests_per_month', 'tenant', 'month', 100, true],
        ],
      );
      assert.deepEqual(of('acme', 'completion/complete'), []);
    });
    it('of those that have some', () => {
      for (const tenant of ['free', 'gone', '__proto__', undefined]) assert.deepEqual(of(tenant), []);
    });
  });

  it('what a policy asks for is counted by caller and tool', () => {
    const rates = limitsIn('page_size: 9');
    const of = (id: string, name: string) =>
      rates.ofPolicy({ ...from(knownPrincipal({ id })), target: targetOf({}, tool(name)) }, 'p', 5)[0];
    assert.deepEqual(of('ann', 'get')?.limit, { kind: 'bucket', max: 5, windowMs: 60_000 });
    assert.equal(of('ann', 'get')?.key, of('ann', 'get')?.key);
    assert.equal(new Set([of('ann', 'get'), of('bob', 'get'), of('ann', 'put')].map((c) => c?.key)).size, 3);
  });
});
