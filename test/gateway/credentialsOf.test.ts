import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { backendCall, repliesOf, textOf } from '../backends/mcp/backendCall.js';
import { scriptedServer, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { server as restServer, tool } from '../backends/rest/restCalls.js';
import { isRefusal } from '../sources/oauth/isRefusal.js';
import { startService, type Service } from '../backends/rest/startService.js';
import { startTokenServer, type TokenServer } from '../support/startTokenServer.js';
import type { OAuthSettings } from '../../src/config/oauthSettings.js';
import type { McpServerSettings, RestServerSettings } from '../../src/config/settings.js';
import { loadSettings } from '../../src/config/load.js';
import { toNetwork } from '../../src/config/toNetwork.js';
import { backendAt } from '../../src/gateway/backendAt.js';
import { connectingPeople } from '../../src/gateway/connectingPeople.js';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import { memoryGrants } from '../../src/stores/memoryGrants.js';
import type { Backend } from '../../src/streams/backend.js';
import type { Caller } from '../../src/streams/caller.js';
import type { Principal } from '../../src/streams/exchange.js';
import type { GrantStore } from '../../src/streams/grants.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { constant } from '../../src/streams/latest.js';
import type { Log } from '../../src/streams/log.js';
import { call as exchangeOf } from '../../src/testing/call.js';

describe('gateway/credentialsOf', () => {
  const secret = 'hush-hush-secret';
  const clients = { gw: secret, 'gw-there': secret };
  let idp: TokenServer;
  let as: TokenServer;
  let service: Service;
  let mcp: ScriptedServer;
  const open: Backend[] = [];
  const logged: string[] = [];
  /** Answers of the service to come first. */
  let statuses: number[] = [];

  const people = memoryGrants();
  const counters = memoryCounters({ maxKeys: 10 });
  const write = (fields: unknown, message: string): void =>
    void logged.push(`${message} ${inspect(fields, { depth: 10, showHidden: true })}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const connecting = connectingPeople({
    settings: constant(loadSettings('{}', { file: 'gateway.json', env: {}, baseDir: process.cwd() })),
    keys: constant([randomBytes(32)]),
    people,
    counters,
    log,
  });
  after(() => counters.close());

  beforeEach(async () => {
    statuses = [];
    logged.length = 0;
    idp = await startTokenServer({ clients });
    as = await startTokenServer({ clients, trusts: idp });
    service = await startService((request, response) => {
      const claims = claimsIn(request);
      const status = statuses.shift() ?? (claims === undefined ? 401 : 200);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(claims ?? {}));
    });
    mcp = await scriptedServer((request) => {
      const { body, headers } = request;
      const claims = as.claimsOf(headers.authorization?.replace('Bearer ', '') ?? '');
      const complete = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'private' };
      if (claims === undefined) return void request.response.writeHead(401).end();
      if (body.method === 'server/discover')
        return request.result({
          ...complete,
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: {} },
        });
      if (body.method === 'tools/list')
        return request.result({ ...complete, tools: [{ name: 'who', inputSchema: { type: 'object' } }] });
      return request.result({ ...complete, content: [{ type: 'text', text: JSON.stringify(claims) }] });
    });
  });
  afterEach(async () => {
    for (const backend of open.splice(0)) await backend.close(0);
    await Promise.all([idp.close(), as.close(), service.close(), mcp.close()]);
    assert.equal(logged.join('\n').includes(secret), false, 'the secret of the client');
  });

  const claimsIn = ({ headers }: Pick<IncomingMessage, 'headers'>) =>
    as.claimsOf(headers.authorization?.replace('Bearer ', '') ?? '');

  const connect = (
    settings: RestServerSettings | McpServerSettings,
    url: string,
    tokens: GrantStore = memoryGrants(),
  ): Backend => {
    const backend = backendAt({ url, weight: 1, standby: false }, settings, {
      clientInfo: { name: 'sluice-test', version: '0' },
      log,
      authorizing: { grants: memoryGrants(), tokens, people, consent: undefined, connecting },
      network: () => toNetwork(),
      maxMessageBytes: 1024 * 1024,
    });
    open.push(backend);
    return backend;
  };
  const client = () => ({ clientId: 'gw', clientSecret: secret, issuer: as.issuer, allowedHosts: [] });
  const rest = (oauth: OAuthSettings, tokens?: GrantStore) =>
    connect(restServer({ tools: [tool()], oauth }), service.url, tokens);
  const exchange = (): OAuthSettings => ({
    ...client(),
    grant: 'token_exchange',
    audience: 'orders',
    scopes: ['read'],
  });

  const caller = (id: string, token: string, facts: Partial<Principal> = {}): Caller => ({
    ...exchangeOf('tools/call', { headers: { authorization: `Bearer ${token}` } }),
    principal: knownPrincipal({ id, method: 'jwt', ...facts }),
  });
  const invoke = async (backend: Backend, who?: Caller, name = 'it') =>
    textOf(
      (await repliesOf(backend, backendCall(name, { caller: who, principalId: who?.principal.id ?? '' }))).at(
        -1,
      ),
    );
  const said = async (backend: Backend, who?: Caller, name?: string) =>
    JSON.parse(await invoke(backend, who, name)) as Readonly<Record<string, unknown>>;

  it('gets a token of the gateway for a REST service, once', async () => {
    const backend = rest({ ...client(), grant: 'client_credentials', audience: 'orders' });
    const all = await Promise.all([said(backend), said(backend), said(backend, caller('a', 'x'))]);
    for (const { sub, aud } of all) assert.deepEqual([sub, aud], ['gw', 'orders']);
    assert.equal(as.requests.length, 1);
  });

  it('exchanges the token of each caller, once a caller', async () => {
    const backend = rest(exchange());
    const [ann, bob] = ['ann', 'bob'].map((name) => caller(name, as.tokenOf(name)));
    const claims = await Promise.all([said(backend, ann), said(backend, ann), said(backend, bob)]);
    assert.deepEqual(
      claims.map(({ sub, aud, act, scope }) => [sub, aud, act, scope]),
      [
        ['ann', 'orders', { sub: 'gw' }, 'read'],
        ['ann', 'orders', { sub: 'gw' }, 'read'],
        ['bob', 'orders', { sub: 'gw' }, 'read'],
      ],
    );
    assert.equal(as.requests.length, 2);
    const [first] = as.requests;
    assert.equal(first?.get('subject_token_type'), 'urn:ietf:params:oauth:token-type:access_token');
    assert.equal(first.get('resource'), null);
  });

  it('does not lend the token of many scopes to the same user with few, or by another client', async () => {
    const backend = rest(exchange());
    const token = as.tokenOf('ann');
    for (const facts of [
      { scopes: ['a', 'b'] },
      { scopes: ['a'] },
      { scopes: ['b', 'a'] },
      { clientId: 'other' },
    ])
      await said(backend, caller('ann', token, facts));
    assert.equal(as.requests.length, 3);
  });

  it('never sends the token a caller came with to the service, nor to the log', async () => {
    const backend = rest(exchange());
    const token = as.tokenOf('ann');
    await said(backend, caller('ann', token));
    for (const { headers } of service.seen) assert.equal(JSON.stringify(headers).includes(token), false);
    as.refuse('invalid_grant');
    await assert.rejects(
      invoke(backend, caller('eve', 'canary-token')),
      isRefusal(/was refused \(invalid_grant\)/),
    );
    const text = logged.join('\n');
    for (const hidden of [token, 'canary-token', as.requests[0]?.get('subject_token') ?? '-'])
      assert.equal(text.includes(hidden), false);
  });

  it('refuses a caller who came without a token, and calls nobody', async () => {
    const backend = rest(exchange());
    for (const method of ['api_key', 'mtls', 'none', 'custom'] as const)
      await assert.rejects(
        invoke(backend, caller('ann', as.tokenOf('ann'), { method, id: method })),
        isRefusal(/came without a token that could be exchanged/),
      );
    assert.equal(as.requests.length + service.seen.length, 0);
  });

  it('lets a refusal stand where the token was just made: the next one would be refused as well', async () => {
    const backend = rest(exchange());
    const ann = () => caller('ann', as.tokenOf('ann'));
    await said(backend, ann());
    as.revoke();
    assert.match(await invoke(backend, ann()), /401/);
    assert.equal(as.requests.length, 1);
  });

  it('takes the token that another instance has got', async () => {
    const tokens = memoryGrants();
    const [one, other] = [rest(exchange(), tokens), rest(exchange(), tokens)];
    const ann = caller('ann', as.tokenOf('ann'));
    await said(one, ann);
    await said(other, ann);
    assert.equal(as.requests.length, 1);
    await said(other, caller('bob', as.tokenOf('bob')));
    assert.equal(as.requests.length, 2);
  });

  it('gets a token by way of an identity provider (ID-JAG) for an MCP server, and lists in its own name', async () => {
    const settings: McpServerSettings = {
      ...restServer(),
      type: 'mcp',
      protocol: 'modern',
      oauth: {
        ...client(),
        clientId: 'gw-there',
        grant: 'id_jag',
        subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
        idp: { issuer: idp.issuer, clientId: 'gw', clientSecret: secret },
      },
    };
    const backend = connect(settings, mcp.url);
    const offer = await lastValueFrom(backend.offer());
    assert.deepEqual(
      offer.tools.map(({ name }) => name),
      ['who'],
    );
    const { sub, aud } = await said(backend, caller('ann', idp.tokenOf('ann')), 'who');
    assert.deepEqual([sub, aud], ['ann', mcp.url]);
    assert.equal((await said(backend, caller('bob', idp.tokenOf('bob')), 'who'))['sub'], 'bob');
    const [vouched] = idp.requests;
    assert.equal(vouched?.get('audience'), as.issuer);
    assert.equal(vouched.get('resource'), mcp.url);
    assert.equal(vouched.get('subject_token_type'), 'urn:ietf:params:oauth:token-type:id_token');
    assert.deepEqual(
      as.requests.map((each) => each.get('grant_type')?.split(':').at(-1)),
      ['client_credentials', 'jwt-bearer', 'jwt-bearer'],
    );
  });

  it('does not ask again and again for what was just refused', async () => {
    const backend = rest({ ...client(), grant: 'client_credentials' });
    as.refuse('invalid_client');
    for (let times = 0; times < 5; times++)
      await assert.rejects(invoke(backend), isRefusal('A token was refused (invalid_client)'));
    assert.equal(as.requests.length, 1);
    assert.equal(logged.filter((line) => line.includes('was refused')).length, 1);
  });

  it('hides the token from answers that repeat it', async () => {
    const echo = await startService(({ headers }, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`no: ${headers.authorization ?? ''}`);
    });
    const backend = connect(
      restServer({ tools: [tool()], oauth: { ...client(), grant: 'client_credentials' } }),
      echo.url,
    );
    const text = await invoke(backend);
    assert.match(text, /^HTTP 500/);
    assert.equal(text.includes('eyJ'), false, text);
    await backend.close(0);
    await echo.close();
  });
});
