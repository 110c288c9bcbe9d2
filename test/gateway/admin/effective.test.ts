import assert from 'node:assert/strict';
import { configurationCheck } from '../../../src/cli/configurationCheck.js';
import { loadSettings } from '../../../src/config/load.js';
import { effective } from '../../../src/gateway/admin/effective.js';

const secret = 'this-is-a-secret-of-32-bytes-at-least';
const key = Buffer.from(secret.slice(0, 32)).toString('hex');

describe('gateway/admin/effective', () => {
  const settings = loadSettings(
    `admin: { key: ${secret} }
state: { keys: ['${key}'] }
audit: { file: ./audit.ndjson, key: '${key}' }
auth: { jwt: { issuers: [{ issuer: 'https://id.example', audience: a, secret: ${secret} }] } }
sessions: { store: hazelcast, hazelcast: { password: ${secret} } }
servers:
  rest: { type: rest, url: 'http://h', headers: { x-key: ${secret} }, tools: { getIt: { path: '/a?api_key=${secret}' } } }
  mcp: { url: 'http://h/mcp?api_key=${secret}', oauth: { client_id: me, client_secret: ${secret} } }
  basic: { url: 'http://h/mcp', basic: { username: me, password: ${secret} } }
  child: { type: stdio, command: run, args: ['--token', '${secret}'], env: { TOKEN: ${secret} } }`,
    { file: 'g.yaml', env: {}, baseDir: '/x' },
  );

  it('shows nothing secret, wherever one may stand', () => {
    const text = JSON.stringify(effective(settings));
    for (const shown of [secret, key, Buffer.from(`me:${secret}`).toString('base64')])
      assert.ok(!text.includes(shown));
  });

  it('shows the rest in the words of the file', () => {
    const {
      listen,
      servers,
      page_size: pageSize,
    } = effective(settings) as {
      listen: object;
      servers: { name: string; tools?: { name: string }[] }[];
      page_size: number;
    };
    assert.deepEqual(listen, { host: '127.0.0.1', port: 8080, path: '/mcp' });
    assert.deepEqual(
      servers.map(({ name }) => name),
      ['rest', 'mcp', 'basic', 'child'],
    );
    assert.equal(servers[0]?.tools?.[0]?.name, 'getIt');
    assert.equal(pageSize, 250);
  });
});

describe('gateway/admin/effective, addresses', () => {
  const hook = 'x7Kp2mQz9RtLw4VbN8sYcD3f';
  const id = '0b5e8400-e29b-41d4-a716-446655440000';
  const seen = effective(
    loadSettings(
      `audit: { http: { url: 'https://siem.example/in/${hook}' } }
auth: { jwt: { issuers: [{ issuer: 'https://login.example/${id}/v2.0', audience: 'api://${id}', jwks_uri: 'https://login.example/${id}/keys' }] } }
telemetry:
  otlp: { endpoint: 'https://otel.example/${hook}' }
  resource: { host.name: box-7, api_key: pass-word, vendor: 'Bearer ${hook}', hint: ${hook}, place: 'https://a.example/b/${hook}' }
servers:
  one: { url: 'https://hooks.example/${hook}/mcp' }
  many: { urls: ['https://a.example/mcp/v1', 'https://b.example/mcp/T00AB12CD'] }
  pair: { primary: 'https://p.example/mcp/s3cr3t9x', fallback: ['https://f.example/mcp/tok%65n9%39x'] }
  rest: { type: rest, url: 'https://h.example', tools: { one: { path: '/orders/{orderId}/lines?api_key=a' }, two: { path: '/in/${hook}/send' } } }`,
      { file: 'g.yaml', env: {}, baseDir: '/x' },
    ),
  );
  const text = JSON.stringify(seen);

  it('shows no secret in a path, nor in a label', () => {
    for (const hidden of [hook, 'T00AB12CD', 's3cr3t9x', 'tok%65n9', 'token9', 'pass-word'])
      assert.ok(!text.includes(hidden), hidden);
  });
  for (const shown of [
    'https://hooks.example/***/mcp',
    'https://a.example/mcp/v1',
    'https://b.example/mcp/***',
    'https://p.example/mcp/***',
    'https://siem.example/in/***',
    'https://otel.example/***/v1/traces',
    '/orders/{orderId}/lines?api_key=***',
    '/in/***/send',
    'https://a.example/b/***',
    '"host.name":"box-7"',
    `https://login.example/${id}/v2.0`,
  ])
    it(`shows ${shown}`, () => assert.ok(text.includes(shown), text));
});

describe('cli/configurationCheck', () => {
  const check = configurationCheck('conf/g.yaml', { cwd: '/x', env: { TOKEN: secret } });
  it('finds nothing wrong with what is right', () =>
    assert.deepEqual(check('servers: { a: { url: "http://h/" } }'), []));
  it('says where something is wrong, what and the remedy, and no value of the environment', () => {
    const [finding] = check('servers:\n  a: { url: "${TOKEN}" }\n');
    assert.deepEqual([finding?.file, finding?.line, finding?.path], ['g.yaml', 2, 'servers.a.url']);
    assert.ok(finding?.remedy !== '' && !JSON.stringify(finding).includes(secret));
  });
});
