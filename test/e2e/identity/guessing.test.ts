/** Who guesses is slowed down; who is known already, behind the same address, is not. */
import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { modernRequest } from '../../support/modern.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startIssuer, type Issuer } from '../../support/startIssuer.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

const audience = 'https://gw.example/mcp';

describe('e2e: guessing', () => {
  let issuer: Issuer;
  let backend: McpBackend;
  let gateway: RunningGateway;
  before(async () => {
    [issuer, backend] = await Promise.all([
      startIssuer(),
      startMcpBackend({ tools: { echo: (call) => call.reply({ content: [] }) } }),
    ]);
    gateway = await startGateway(
      `  a: { url: "${backend.url}" }
http: { trusted_proxies: [127.0.0.1] }
auth: { max_failures: 3, jwt: { issuers: [{ issuer: "${issuer.url}", audience: "${audience}" }] } }`,
    );
  });
  after(async () => {
    await gateway.close();
    await Promise.all([issuer.close(), backend.close()]);
  });

  const call = (address: string, token?: string) =>
    ask(
      gateway.port,
      modernRequest(
        'tools/call',
        { name: 'a_echo', arguments: {} },
        {
          headers: {
            'x-forwarded-for': address,
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
        },
      ),
    );
  const failures = async (reason: string): Promise<number> => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const [, value] =
      new RegExp(`^mcp_gateway_auth_failures_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text) ?? [];
    return Number(value);
  };

  it('looks at no new credentials of an address that had too many refused, and at all others', async () => {
    const known = await issuer.token(audience);
    assert.equal((await call('192.0.2.1', known)).status, 200);
    for (let i = 0; i < 3; i++) assert.equal((await call('192.0.2.1', `guess-${i}`)).status, 401);
    const slowed = await call('192.0.2.1', 'guess-4');
    assert.equal(slowed.status, 429);
    assert.equal(slowed.headers['retry-after'], '60');
    const asked = issuer.requests.length;
    assert.equal((await call('192.0.2.1', await issuer.token(audience))).status, 429, 'not even a good one');
    assert.equal(issuer.requests.length, asked);
    assert.equal((await call('192.0.2.1', known)).status, 200, 'who is known goes on');
    assert.equal((await call('192.0.2.2', await issuer.token(audience))).status, 200, 'and so do others');
  });

  it('does not count who has shown nothing', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await call('192.0.2.3')).status, 401);
    assert.equal((await call('192.0.2.3', await issuer.token(audience))).status, 200);
  });

  it('counts who was not let in, by why', async () => {
    const before = await Promise.all(['missing', 'invalid', 'malformed', 'throttled'].map(failures));
    await call('192.0.2.4');
    await call('192.0.2.4', 'guess');
    await call('192.0.2.4', 'in two');
    await call('192.0.2.1', 'guess');
    const after = await Promise.all(['missing', 'invalid', 'malformed', 'throttled'].map(failures));
    assert.deepEqual(
      after.map((value, index) => value - (before[index] ?? 0)),
      [1, 1, 1, 1],
    );
  });
});
