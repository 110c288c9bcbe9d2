/** Tokens bound to a key (RFC 9449): worth nothing without a proof, and each proof good once, for one request. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { ask } from '../../support/ask.js';
import { modernRequest } from '../../support/modern.js';
import type { RawAnswer } from '../../support/parseAnswer.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { proofOf, signingKey, startIssuer, thumbprint, type Issuer } from '../../support/startIssuer.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

const base = 'https://gw.example';
const audience = `${base}/mcp`;

describe('e2e: proofs of possession', () => {
  let issuer: Issuer;
  let backend: McpBackend;
  let gateway: RunningGateway;
  let key: Awaited<ReturnType<typeof signingKey>>;
  let token: string;

  before(async () => {
    [issuer, backend, key] = await Promise.all([
      startIssuer(),
      startMcpBackend({ tools: { echo: (call) => call.reply({ content: [] }) } }),
      signingKey(),
    ]);
    gateway = await startGateway(
      `  a: { url: "${backend.url}" }
auth: { jwt: { issuers: [{ issuer: "${issuer.url}" }] } }`,
      { listen: `, public_url: ${base}` },
    );
    token = await issuer.token(audience, { cnf: { jkt: await thumbprint(key) } });
  });
  after(async () => {
    await gateway.close();
    await Promise.all([issuer.close(), backend.close()]);
  });

  const call = (headers: Readonly<Record<string, string>>): Promise<RawAnswer> =>
    ask(gateway.port, {
      path: '/mcp',
      ...modernRequest('tools/call', { name: 'a_echo', arguments: {} }, { headers }),
    });
  const proof = (claims: Readonly<Record<string, unknown>> = {}, by = key): Promise<string> =>
    proofOf(by, token, { htu: audience, ...claims });
  const withProof = async (dpop: string | Promise<string>): Promise<RawAnswer> =>
    call({ authorization: `DPoP ${token}`, dpop: await dpop });
  const challengeOf = ({ headers }: RawAnswer): string => String(headers['www-authenticate']);

  it('lets in who has the key, each time with another proof', async () => {
    for (let i = 0; i < 3; i++) assert.equal((await withProof(proof())).status, 200);
  });

  it('takes a proof once', async () => {
    const once = await proof();
    assert.equal((await withProof(once)).status, 200);
    const answer = await withProof(once);
    assert.equal(answer.status, 401);
    assert.match(challengeOf(answer), /^DPoP .*error="invalid_dpop_proof".*used before.*algs="ES256 /);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const refused: [string, RegExp, () => Promise<string>][] = [
    ['for another method', /another request/, () => proof({ htm: 'GET' })],
    ['for another path', /another request/, () => proof({ htu: `${audience}/team` })],
    ['for another host', /another request/, () => proof({ htu: 'https://evil.example/mcp' })],
    ['of another key', /another key/, async () => proof({}, await signingKey())],
    ['for another token', /another token/, () => proof({ ath: 'x'.repeat(43) })],
    ['without token', /another token/, () => proof({ ath: undefined })],
    ['of ten minutes ago', /too old/, () => proof({ iat: now() - 600 })],
    ['of the future', /of the future/, () => proof({ iat: now() + 600 })],
    ['without id', /no id/, () => proof({ jti: undefined })],
    ['that is none', /not valid/, () => Promise.resolve('proof')],
    ['that is an access token', /not valid/, () => Promise.resolve(token)],
  ];
  for (const [name, why, shown] of refused)
    it(`refuses a proof ${name}`, async () => {
      const before = backend.calls;
      const answer = await withProof(shown());
      assert.equal(answer.status, 401, answer.body);
      assert.match(challengeOf(answer), why);
      assert.equal(backend.calls, before, 'the backend saw nothing');
    });

  it('refuses a bound token without proof, and as Bearer token', async () => {
    assert.match(challengeOf(await call({ authorization: `DPoP ${token}` })), /with the proof is missing/);
    assert.match(challengeOf(await call({ authorization: `Bearer ${token}` })), /bound to a key/);
  });

  it('refuses a token that is bound to nothing with the scheme DPoP', async () => {
    const free = await issuer.token(audience);
    const answer = await call({ authorization: `DPoP ${free}`, dpop: await proof() });
    assert.match(challengeOf(answer), /bound to no key/);
  });

  it('one proof opens a WebSocket for all that is sent on it', async () => {
    const url = gateway.url.replace('http', 'ws');
    const dpop = await proof({ htm: 'GET' });
    const socket = new WebSocket(url, 'mcp', { headers: { authorization: `DPoP ${token}`, dpop } });
    await once(socket, 'open');
    for (let i = 0; i < 3; i++) {
      const { body } = modernRequest('tools/call', { name: 'a_echo', arguments: {} }, { id: randomUUID() });
      socket.send(JSON.stringify(body));
      const [data] = (await once(socket, 'message')) as [Buffer];
      assert.ok('result' in (JSON.parse(data.toString()) as object), data.toString());
    }
    socket.close();
    await once(socket, 'close');
  });
});
