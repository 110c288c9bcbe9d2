import assert from 'node:assert/strict';
import { apiKeysFile, type ApiKeysFile } from '../../support/apiKeysFile.js';
import { ask } from '../../support/ask.js';
import { modernRequest } from '../../support/modern.js';
import {
  adminKey,
  startConsole,
  type ConsoleClient,
  type RunningConsole,
} from '../../support/startConsole.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

const [ofAcme, ofBeta, ofViewer] = ['a-key-of-acme-alone', 'a-key-of-beta-alone', 'a-key-that-may-look-only'];

describe('console: what is inside', function () {
  this.timeout(30_000);
  let keys: ApiKeysFile;
  let backend: McpBackend;
  let console: RunningConsole;
  let admin: ConsoleClient;
  let acme: ConsoleClient;
  before(async () => {
    keys = await apiKeysFile({ ann: 'acme', bob: 'beta' });
    backend = await startMcpBackend();
    console = await startConsole(
      `auth: { api_keys: { file: '${keys.path}' } }
tenants:
  acme: { servers: [mail], quotas: { requests_per_day: 100 } }
  beta: { servers: [mail, bank], dedicated: false }
policies:
  - { tenant: acme, tools: { denied: ['*_hang'] } }
  - { tenant: beta }
servers:
  mail: { url: '${backend.url}', headers: { authorization: 'Bearer a-secret-of-the-backend' } }
  bank: { url: '${backend.url}' }`,
      {
        admin: `, keys: [{ name: eve, key: ${ofAcme}, tenant: acme }, { name: bea, key: ${ofBeta}, tenant: beta }, { name: vic, key: ${ofViewer}, role: viewer }]`,
      },
    );
    admin = console.program(adminKey);
    acme = console.program(ofAcme);
  });
  after(async () => {
    await console.close();
    await backend.close();
    await keys.remove();
  });
  const get = async <T>(client: ConsoleClient, path: string): Promise<T> => {
    const { status, json, text } = await client('GET', path);
    assert.equal(status, 200, text);
    return json as T;
  };
  const codeOf = ({ json }: { json: unknown }) => (json as { error: { code: string } }).error.code;

  describe('to try a tool', () => {
    interface Tried {
      readonly result?: { content: { text: string }[]; isError?: boolean };
      readonly error?: { code: string };
      readonly call_id: string;
    }
    const attempt = async (client: ConsoleClient, tool: string, body: object): Promise<Tried> => {
      const { status, json, text } = await client('POST', `/tools/${tool}/call`, body);
      assert.equal(status, 200, text);
      return json as Tried;
    };

    it('calls it in the name of who has signed in, through everything a call passes', async () => {
      const { result, call_id: id } = await attempt(acme, 'mail_echo', { arguments: { a: '<b>' } });
      assert.equal(result?.content[0]?.text, '{"a":"<b>"}');
      const record = await get<{
        user: string;
        tenant: string;
        client: string;
        transport: string;
        stages: object[];
      }>(acme, `/calls/${id}`);
      assert.deepEqual(
        [record.user, record.tenant, record.client, record.transport],
        ['eve', 'acme', 'sluice-console', 'in-process'],
      );
      assert.ok(record.stages.length > 5);
    });

    it('has what anybody of the tenant has, and no more', async () => {
      assert.equal((await attempt(acme, 'bank_echo', {})).error?.code, 'ERR_HIDDEN');
      assert.equal((await attempt(acme, 'mail_hang', {})).error?.code, 'ERR_HIDDEN');
      assert.equal((await attempt(acme, 'mail_nothing', {})).error?.code, 'ERR_TOOL_UNKNOWN');
    });

    it('counts against the quota of the tenant', async () => {
      const left = async () =>
        (await get<{ tenants: { limits: { remaining: number }[] }[] }>(acme, '/tenants')).tenants[0]
          ?.limits[0]?.remaining ?? NaN;
      const before = await left();
      await attempt(acme, 'mail_echo', {});
      assert.equal(await left(), before - 1);
    });

    it('is cancelled, at the server too, when who tries it has gone', async () => {
      const gone = new AbortController();
      const trying = console.fetch('/api/v1/tools/bank_hang/call', {
        method: 'POST',
        headers: { authorization: `Bearer ${ofBeta}`, 'content-type': 'application/json' },
        body: '{}',
        signal: gone.signal,
      });
      const call = await backend.nextCall('hang');
      gone.abort();
      await assert.rejects(trying, { name: 'AbortError' });
      await call.abandoned;
      const { calls } = await get<{ calls: { outcome: string }[] }>(admin, '/calls?tool=bank_hang');
      assert.deepEqual(
        calls.map(({ outcome }) => outcome),
        ['cancelled'],
      );
      assert.equal((await get<{ in_flight: number }>(admin, '/overview')).in_flight, 0);
    });

    it('where there are tenants, who belongs to none has none', async () =>
      assert.equal((await attempt(admin, 'mail_echo', {})).error?.code, 'ERR_TENANT_REQUIRED'));

    it('is not for viewers, and not for what is no arguments', async () => {
      const answer = await console.program(ofViewer)('POST', '/tools/mail_echo/call', {});
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'ERR_FORBIDDEN']);
      assert.equal((await acme('POST', '/tools/mail_echo/call', { arguments: [1] })).status, 400);
      assert.equal(
        (await acme('POST', '/tools/mail_echo/call', { arguments: { a: 'x'.repeat(1024 * 1024) } })).status,
        413,
      );
    });

    it('nobody becomes somebody by saying so', async () => {
      const request = modernRequest(
        'tools/call',
        { name: 'mail_echo', arguments: {} },
        { headers: { 'sluice-console': 'eve' } },
      );
      assert.equal((await ask(console.port, request)).status, 401);
    });
  });

  describe('sessions', () => {
    interface Sessions {
      readonly sessions: {
        digest: string;
        user: string;
        client_name: string;
        calls: number;
        transport: string;
      }[];
      readonly total: number;
    }
    /** A session of a 2025-era client. */
    const open = async (user: string) => {
      const send = (method: string, params: object, headers: Readonly<Record<string, string>> = {}) =>
        ask(console.port, {
          headers: { ...keys.of(user), ...headers },
          body: { jsonrpc: '2.0', id: 1, method, params },
        });
      const version = '2025-11-25';
      const clientInfo = { name: 'desk', version: '1' };
      const opened = await send('initialize', { protocolVersion: version, capabilities: {}, clientInfo });
      const id = opened.headers['mcp-session-id'] ?? '';
      const ping = () => send('ping', {}, { 'mcp-session-id': id, 'mcp-protocol-version': version });
      assert.equal((await ping()).status, 200);
      return { id, ping };
    };

    it('shows them by digest, and ends one', async () => {
      const ann = await open('ann');
      const bob = await open('bob');
      const { sessions } = await get<Sessions>(admin, '/sessions');
      assert.deepEqual(sessions.map(({ user, client_name: name }) => [user, name]).sort(), [
        ['ann', 'desk'],
        ['bob', 'desk'],
      ]);
      assert.ok(!JSON.stringify(sessions).includes(ann.id) && !JSON.stringify(sessions).includes(bob.id));
      const mine = await get<Sessions>(acme, '/sessions');
      assert.deepEqual([mine.total, mine.sessions[0]?.user, mine.sessions[0]?.transport], [1, 'ann', 'http']);
      const theirs = sessions.find(({ user }) => user === 'bob')?.digest ?? '';
      assert.equal((await acme('DELETE', `/sessions/${theirs}`)).status, 404);
      assert.equal((await console.program(ofViewer)('DELETE', `/sessions/${theirs}`)).status, 403);
      assert.equal((await admin('DELETE', `/sessions/${theirs}`)).status, 204);
      assert.equal((await bob.ping()).status, 404);
      assert.equal((await ann.ping()).status, 200);
      assert.equal((await get<Sessions>(admin, '/sessions')).total, 1);
    });
  });

  it('tells of tenants, what they have and what is left to them', async () => {
    const { tenants } = await get<{
      tenants: {
        name: string;
        isolation: string;
        servers: string[];
        limits: { limit: string; max: number; remaining: number }[];
      }[];
    }>(admin, '/tenants');
    assert.deepEqual(
      tenants.map(({ name, isolation, servers }) => [name, isolation, servers]),
      [
        ['acme', 'shared', ['mail']],
        ['beta', 'shared', ['mail', 'bank']],
      ],
    );
    const [quota] = tenants[0]?.limits ?? [];
    assert.equal(quota?.max, 100);
    assert.equal(typeof quota.remaining, 'number');
    const { tenants: own } = await get<{ tenants: { name: string }[] }>(acme, '/tenants');
    assert.deepEqual(
      own.map(({ name }) => name),
      ['acme'],
    );
  });

  it('tells of policies those that are about one', async () => {
    const names = async (client: ConsoleClient) =>
      (await get<{ policies: { name: string }[] }>(client, '/policies')).policies.map(({ name }) => name);
    assert.deepEqual(await names(admin), ['policies[0]', 'policies[1]']);
    assert.deepEqual(await names(acme), ['policies[0]']);
  });

  it('shows the configuration without anything secret, and to nobody of a tenant', async () => {
    const { status, text, json } = await admin('GET', '/configuration');
    assert.equal(status, 200);
    const { effective } = json as {
      effective: { servers: { name: string; headers: object }[]; admin: { keys: string } };
    };
    assert.deepEqual(effective.servers[0]?.headers, { authorization: '***' });
    assert.equal(effective.admin.keys, '***');
    for (const secret of ['a-secret-of-the-backend', adminKey, ofAcme, 'sha256:'])
      assert.ok(!text.includes(secret), secret);
    assert.equal((await acme('GET', '/configuration')).status, 403);
    assert.equal((await acme('POST', '/configuration/check', { text: '' })).status, 403);
  });
});
