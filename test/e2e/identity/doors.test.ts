/** Servers for everybody, for who says a name, and for some clients; scopes of servers and tools; tokens of all kinds. */
import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { signingKey, startIssuer, type Issuer } from '../../support/startIssuer.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { exportSPKI } from 'jose';

const audience = 'https://gw.example/mcp';
const secret = 'a secret of thirty-two bytes, or more';
const now = () => Math.floor(Date.now() / 1000);

describe('e2e: doors of servers', () => {
  let issuer: Issuer;
  let backend: McpBackend;
  let gateway: RunningGateway;
  let ownKey: Awaited<ReturnType<typeof signingKey>>;

  before(async () => {
    [issuer, backend, ownKey] = await Promise.all([
      startIssuer(),
      startMcpBackend({
        tools: { echo: (call) => call.reply({ content: [] }), pay: (call) => call.reply({ content: [] }) },
      }),
      signingKey(),
    ]);
    const pem = JSON.stringify(await exportSPKI(ownKey.publicKey));
    const introspection = `introspection: { client_id: gateway, client_secret: "it:s secret", cache: 1s`;
    gateway = await startGateway(
      `  public: { url: "${backend.url}", auth_required: false }
  staff: { url: "${backend.url}" }
  crew: { url: "${backend.url}", allowed_clients: ["crew-*"] }
  bank: { url: "${backend.url}", scopes: [bank], tools: { pay: { scopes: ["bank:pay"] } } }
namespaces:
  lobby: { servers: [public, staff] }
  vault: { servers: [staff, bank] }
auth:
  scopes: { implies: { admin: [bank, "bank:pay"] } }
  jwt:
    issuers:
      - { issuer: "${issuer.url}", audience: "${audience}", ${introspection} } }
      - { issuer: "https://shared.example", audience: "${audience}", secret: "${secret}" }
      - { issuer: "https://fixed.example", audience: "${audience}", public_key: ${pem} }`,
      { listen: ', public_url: https://gw.example' },
    );
  });
  after(async () => {
    await gateway.close();
    await Promise.all([issuer.close(), backend.close()]);
  });

  type Who = Readonly<Record<string, string>>;
  const bearer = (token: string): Who => ({ authorization: `Bearer ${token}` });
  const who = async (claims: Readonly<Record<string, unknown>> = {}): Promise<Who> =>
    bearer(await issuer.token(audience, claims));
  const call = (name: string, headers: Who = {}, path = '/mcp'): Promise<RawAnswer> =>
    ask(gateway.port, { path, ...modernRequest('tools/call', { name, arguments: {} }, { headers }) });
  const names = async (headers: Who = {}, path = '/mcp'): Promise<string[]> => {
    const answer = await ask(gateway.port, { path, ...modernRequest('tools/list', {}, { headers }) });
    assert.equal(answer.status, 200, answer.body);
    const { tools } = responseOf(answer).result as unknown as { readonly tools: readonly { name: string }[] };
    return tools.map(({ name }) => name).filter((name) => name.includes('echo'));
  };
  const challengeOf = ({ headers }: RawAnswer): string => String(headers['www-authenticate']);

  it('strangers see what is for everybody, and call it', async () => {
    assert.deepEqual(await names(), ['public_echo']);
    assert.equal((await call('public_echo')).status, 200);
    assert.deepEqual(await names({}, '/mcp/lobby'), ['public_echo']);
  });

  it('strangers are asked who they are for what is not, and for what there is not, in the same words', async () => {
    const before = backend.calls;
    const [hidden, unknown] = await Promise.all([call('staff_echo'), call('nothing_echo')]);
    assert.equal(hidden.status, 401);
    assert.equal(challengeOf(hidden), challengeOf(unknown));
    assert.match(challengeOf(hidden), /resource_metadata="https:\/\/gw\.example\/\.well-known/);
    assert.equal(backend.calls, before);
  });

  it('a route with nothing for everybody lets no stranger in', async () => {
    const answer = await ask(gateway.port, { path: '/mcp/vault', ...modernRequest('tools/list') });
    assert.equal(answer.status, 401);
    assert.match(challengeOf(answer), /oauth-protected-resource\/mcp\/vault"/);
  });

  it('a credential that is not accepted is refused where strangers may enter, too', async () => {
    assert.equal((await call('public_echo', bearer('wrong'))).status, 401);
  });

  it('clients see the servers that are for them', async () => {
    assert.deepEqual(await names(await who()), ['bank_echo', 'public_echo', 'staff_echo']);
    const crew = await who({ client_id: 'crew-7' });
    assert.deepEqual(await names(crew), ['bank_echo', 'crew_echo', 'public_echo', 'staff_echo']);
    assert.equal((await call('crew_echo', crew)).status, 200);
    const { error } = responseOf(await call('crew_echo', await who()));
    const other = responseOf(await call('crow_echo', await who()));
    assert.equal(error?.message.replaceAll('crew', 'crow'), other.error?.message);
  });

  it('step-up: names all scopes that a tool needs at once, and takes a broad one for the narrow', async () => {
    const before = backend.calls;
    const answer = await call('bank_pay', await who({ scope: 'other' }));
    assert.equal(answer.status, 403);
    assert.match(challengeOf(answer), /^Bearer .*scope="bank bank:pay", error="insufficient_scope"/);
    assert.match(challengeOf(answer), /resource_metadata="/);
    assert.equal((await call('bank_pay', await who({ scope: 'bank' }))).status, 403);
    assert.equal(backend.calls, before);
    assert.equal((await call('bank_echo', await who({ scope: 'bank' }))).status, 200);
    assert.equal((await call('bank_pay', await who({ scope: 'bank bank:pay' }))).status, 200);
    assert.equal((await call('bank_pay', await who({ scope: 'admin' }))).status, 200);
  });

  it('opaque tokens are asked about, the same one once in a while, and refused when they are revoked', async () => {
    const token = issuer.opaque(audience);
    const asked = () => issuer.requests.filter((request) => request.endsWith('/introspect')).length;
    const before = asked();
    for (let i = 0; i < 3; i++) assert.equal((await call('staff_echo', bearer(token))).status, 200);
    assert.equal(asked(), before + 1);
    const elsewhere = issuer.opaque('https://other.example/mcp');
    assert.match(challengeOf(await call('staff_echo', bearer(elsewhere))), /not meant for this resource/);
    const gone = issuer.opaque(audience);
    issuer.revoke(gone);
    for (let i = 0; i < 3; i++) assert.equal((await call('staff_echo', bearer(gone))).status, 401);
    assert.equal(asked(), before + 3, 'what was refused is remembered for a moment');
    const old = issuer.opaque(audience, { exp: now() - 60 });
    assert.match(challengeOf(await call('staff_echo', bearer(old))), /has expired/);
  });

  const signed = (iss: string, alg: string, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({ iss, sub: 'job', aud: audience, exp: now() + 60 }).setProtectedHeader({ alg }).sign(key);

  it('takes tokens signed with a shared secret, and none that another algorithm signs', async () => {
    const bytes = new TextEncoder().encode(secret);
    const good = await signed('https://shared.example', 'HS256', bytes);
    assert.equal((await call('staff_echo', bearer(good))).status, 200);
    const wrong = await signed(
      'https://shared.example',
      'HS256',
      new TextEncoder().encode(secret.toUpperCase()),
    );
    assert.equal((await call('staff_echo', bearer(wrong))).status, 401);
    const other = await signed('https://shared.example', ownKey.alg, ownKey.privateKey);
    assert.match(challengeOf(await call('staff_echo', bearer(other))), /algorithm that is not accepted/);
  });

  it('takes tokens signed with a configured public key, and none signed by that key as a secret', async () => {
    const good = await signed('https://fixed.example', ownKey.alg, ownKey.privateKey);
    assert.equal((await call('staff_echo', bearer(good))).status, 200);
    const pem = new TextEncoder().encode(await exportSPKI(ownKey.publicKey));
    const confused = await signed('https://fixed.example', 'HS256', pem);
    assert.match(challengeOf(await call('staff_echo', bearer(confused))), /algorithm that is not accepted/);
  });
});
