/** Bearer tokens of a real issuer over real HTTP: who is let in, who is not, and what they are told. */
import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { ask } from '../../support/ask.js';
import { modernRequest } from '../../support/modern.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { signingKey, startIssuer, type Issuer, type TokenOptions } from '../../support/startIssuer.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

const base = 'https://gw.example';
const audience = `${base}/mcp`;
const now = () => Math.floor(Date.now() / 1000);

describe('e2e: bearer tokens', () => {
  let issuer: Issuer;
  let other: Issuer;
  let backend: McpBackend;
  let gateway: RunningGateway;
  const logged: string[] = [];
  const write = (fields: unknown, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);

  before(async () => {
    [issuer, other, backend] = await Promise.all([
      startIssuer('/realms/acme'),
      startIssuer(),
      startMcpBackend({ tools: { echo: (call) => call.reply({ content: [] }) } }),
    ]);
    gateway = await startGateway(
      `  a: { url: "${backend.url}" }
namespaces: { team: { servers: [a] } }
auth:
  scopes: { required: [mcp], supported: [offline_access, extra], implies: { all: [mcp] } }
  jwt: { issuers: [{ issuer: "${issuer.url}" }, { issuer: "${other.url}", claims: { tenant: org.name, roles: groups } }] }`,
      { listen: `, public_url: ${base}` },
      { debug: write, info: write, warn: write, error: write },
    );
  });
  after(async () => {
    await gateway.close();
    await Promise.all([issuer.close(), other.close(), backend.close()]);
  });

  const call = (headers: Readonly<Record<string, string>>, path = '/mcp'): Promise<RawAnswer> =>
    ask(gateway.port, {
      path,
      ...modernRequest('tools/call', { name: 'a_echo', arguments: {} }, { headers }),
    });
  const bearer = (token: string, path?: string) => call({ authorization: `Bearer ${token}` }, path);
  const good = (claims: Readonly<Record<string, unknown>> = {}, options?: TokenOptions) =>
    issuer.token(audience, { scope: 'mcp', ...claims }, options);
  const challengeOf = ({ headers }: RawAnswer): string => String(headers['www-authenticate']);

  it('lets a good token in, and asks its issuer for keys once', async () => {
    const token = await good();
    for (let i = 0; i < 3; i++) assert.equal((await bearer(token)).status, 200);
    assert.equal(issuer.requests.filter((request) => request.endsWith('/keys')).length, 1);
    const line = logged.find((entry) => entry.includes('"tool_call"')) ?? '';
    assert.match(line, /"client_id":"inspector"/);
    assert.ok(line.includes(`"principal":"${issuer.url} user ann"`), line);
  });

  it('reads tenant and roles where the issuer keeps them', async () => {
    const token = await other.token(audience, { scp: ['mcp'], org: { name: 'acme' }, groups: ['dev'] });
    assert.equal((await bearer(token)).status, 200);
    assert.ok(logged.some((entry) => entry.includes('"tenant":"acme"')));
  });

  const metadata = `resource_metadata="${base}/.well-known/oauth-protected-resource/mcp", scope="mcp"`;

  it('challenges who shows nothing: metadata and scope, no error', async () => {
    const answer = await call({});
    assert.equal(answer.status, 401);
    assert.equal(challengeOf(answer), `Bearer realm="sluice", ${metadata}`);
    assert.match(answer.body, /ERR|Say who you are/);
  });

  const refused: [string, RegExp, () => Promise<string>][] = [
    ['an expired one', /has expired/, () => good({ exp: now() - 60 })],
    ['one without end', /has no end/, () => good({ exp: undefined })],
    ['one of tomorrow', /not valid yet/, () => good({ nbf: now() + 3600 })],
    [
      'one for another resource',
      /not meant for this resource/,
      () => good({ aud: 'https://gw.example/other' }),
    ],
    ['one for a namespace', /not meant for this resource/, () => good({ aud: `${audience}/team` })],
    ['one for nobody', /not meant for this resource/, () => good({ aud: undefined })],
    ['one of an unknown issuer', /issuer that is not accepted/, () => good({ iss: 'https://evil.example' })],
    ['one that claims the other issuer', /key that its issuer does not have/, () => good({ iss: other.url })],
    [
      'one with a key of its own',
      /key that its issuer does not have/,
      async () => good({}, { key: await signingKey() }),
    ],
    [
      'one signed with another key under the known id',
      /The token is not valid/,
      async () => good({}, { key: { ...(await signingKey()), kid: issuer.key.kid } }),
    ],
    ['an ID token', /no access token/, () => good({}, { header: { typ: 'id+jwt' } })],
    [
      'one with demands nobody knows',
      /not valid/,
      async () => (await good()).replace(/^[^.]+/, crit(issuer.key.kid)),
    ],
    ['one that names nobody', /names nobody/, () => good({ sub: undefined, client_id: undefined })],
    ['one whose claims were changed', /The token is not valid/, async () => changed(await good())],
    [
      'one without signature (alg: none)',
      /algorithm that is not accepted/,
      async () => unsigned(await good()),
    ],
    [
      'one signed with the public key as if it were a secret (HS256)',
      /algorithm that is not accepted/,
      async () =>
        new SignJWT({ iss: issuer.url, sub: 'ann', aud: audience, scope: 'mcp', exp: now() + 60 })
          .setProtectedHeader({ alg: 'HS256', kid: issuer.key.kid })
          .sign(new TextEncoder().encode(await issuer.publicPem())),
    ],
    ['a word', /The token is not valid/, () => Promise.resolve('opaque')],
  ];
  for (const [name, why, token] of refused)
    it(`refuses ${name}`, async () => {
      const before = backend.calls;
      const shown = await token();
      const answer = await bearer(shown);
      assert.equal(answer.status, 401, answer.body);
      assert.match(challengeOf(answer), why);
      assert.ok(challengeOf(answer).includes(`${metadata}, error="invalid_token"`), challengeOf(answer));
      assert.ok(!answer.body.includes(shown));
      assert.equal(backend.calls, before, 'the backend saw nothing');
    });

  it('403 for too few scopes, naming all that are needed; a broad one implies them', async () => {
    const answer = await bearer(await good({ scope: 'other' }));
    assert.equal(answer.status, 403);
    assert.ok(challengeOf(answer).includes(`${metadata}, error="insufficient_scope"`), challengeOf(answer));
    assert.equal((await bearer(await good({ scope: 'all' }))).status, 200);
  });

  it('400 for what can not be read, two credentials, and one in the URL', async () => {
    const token = await good();
    const malformed: Promise<RawAnswer>[] = [
      call({ authorization: 'Bearer' }),
      call({ authorization: `Bearer ${token} ${token}` }),
      call({ authorization: `Bearer ${'x'.repeat(17_000)}` }),
      call({ authorization: `Bearer ${token}`, 'x-api-key': 'k' }),
      call({}, `/mcp?access_token=${token}`),
      call({ authorization: `Bearer ${token}` }, `/mcp?x=1&access_token=y`),
    ];
    for (const answer of await Promise.all(malformed)) {
      assert.equal(answer.status, 400, answer.body);
      assert.ok(!answer.body.includes(token));
    }
  });

  it('401 for schemes that nobody asked for', async () => {
    assert.equal((await call({ authorization: 'Basic YTpi' })).status, 401);
  });

  it('tells what it is to OAuth, at the root and for each route, to everybody', async () => {
    const document = async (path: string) => {
      const answer = await ask(gateway.port, {
        method: 'GET',
        path: `/.well-known/oauth-protected-resource${path}`,
        headers: { origin: 'https://page.example' },
      });
      assert.equal(answer.status, 200, answer.body);
      assert.equal(answer.headers['access-control-allow-origin'], '*');
      assert.match(String(answer.headers['cache-control']), /max-age/);
      return JSON.parse(answer.body) as unknown;
    };
    const expected = {
      resource: audience,
      authorization_servers: [issuer.url, other.url],
      bearer_methods_supported: ['header'],
      resource_name: 'Sluice',
      scopes_supported: ['mcp', 'extra'],
    };
    assert.deepEqual(await document(''), expected);
    assert.deepEqual(await document('/mcp'), expected);
    assert.deepEqual(await document('/mcp/team'), {
      ...expected,
      resource: `${audience}/team`,
      resource_name: 'Sluice (team)',
    });
    const unknown = await ask(gateway.port, {
      method: 'GET',
      path: '/.well-known/oauth-protected-resource/mcp/nobody',
    });
    assert.equal(unknown.status, 404);
  });

  it('a namespace has an audience and a challenge of its own', async () => {
    const token = await issuer.token(`${audience}/team`, { scope: 'mcp' });
    const initialize = modernRequest('tools/list', {}, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await ask(gateway.port, { path: '/mcp/team', ...initialize })).status, 200);
    const answer = await bearer(await good(), '/mcp/team');
    assert.match(challengeOf(answer), /oauth-protected-resource\/mcp\/team"/);
  });

  it('keys are rotated while calls run: none is refused', async () => {
    for (let round = 0; round < 3; round++) {
      await issuer.rotate();
      const tokens = await Promise.all(Array.from({ length: 8 }, () => good()));
      const answers = await Promise.all(tokens.map((token) => bearer(token)));
      assert.deepEqual(
        answers.map(({ status }) => status),
        answers.map(() => 200),
      );
    }
  }).timeout(30_000);

  it('an issuer that is away lets known tokens pass, and refuses new ones for now only when its keys are new', async () => {
    const known = await good();
    assert.equal((await bearer(known)).status, 200);
    issuer.fail(true);
    assert.equal((await bearer(known)).status, 200);
    assert.equal((await bearer(await good())).status, 200, 'its keys are known');
    await issuer.rotate();
    const answer = await bearer(await good());
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['retry-after'], '1');
    issuer.fail(false);
    assert.equal((await bearer(await good())).status, 200);
  }).timeout(30_000);

  it('no token is in any log line', () => {
    assert.ok(logged.length > 20);
    assert.ok(!logged.some((line) => /eyJ[\w-]{20}/.test(line)));
  });
});

const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const crit = (kid: string): string => json({ alg: 'ES256', kid, crit: ['x-new'], 'x-new': 1 });

const unsigned = (token: string): string => {
  const [, payload = ''] = token.split('.');
  return `${json({ alg: 'none' })}.${payload}.`;
};

const changed = (token: string): string => {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return `${header}.${json({ ...claims, sub: 'root' })}.${signature}`;
};
