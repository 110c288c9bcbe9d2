/** Who may watch a resource: those with the scopes of its server, in either era, and nobody else. */
import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../../fixtures/everythingServer/startEverythingServer.js';
import { watchedResource } from '../../fixtures/everythingServer/world.js';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startIssuer, type Issuer } from '../../support/startIssuer.js';

const audience = 'https://gw.example/mcp';

describe('e2e: scopes for watching a resource', function () {
  this.timeout(20_000);
  let issuer: Issuer;
  let server: EverythingServer;
  let gateway: RunningGateway;

  before(async () => {
    [issuer, server] = await Promise.all([startIssuer(), startEverythingServer({ era: 'modern' })]);
    gateway = await startGateway(
      `  docs: { url: "${server.url}", scopes: [docs] }
auth: { jwt: { issuers: [{ issuer: "${issuer.url}", audience: "${audience}" }] } }`,
      { listen: ', public_url: https://gw.example' },
    );
  });
  after(async () => {
    await gateway.close();
    await Promise.all([issuer.close(), server.close()]);
  });

  const bearer = async (scope: string) => ({
    authorization: `Bearer ${await issuer.token(audience, { scope })}`,
  });

  const subscribe = async (scope: string) => {
    const who = await bearer(scope);
    const opened = await ask(gateway.port, {
      headers: who,
      body: {
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      },
    });
    const headers = {
      ...who,
      'mcp-session-id': opened.headers['mcp-session-id'] ?? '',
      'mcp-protocol-version': '2025-11-25',
    };
    const params = { uri: watchedResource };
    return ask(gateway.port, {
      headers,
      body: { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params },
    });
  };

  it('refuses a 2025 client without them, and says which it needs', async () => {
    const refused = await subscribe('other');
    assert.equal(refused.status, 403);
    assert.match(
      String(refused.headers['www-authenticate']),
      /error="insufficient_scope".*scope="docs"|scope="docs".*error="insufficient_scope"/,
    );
    assert.notEqual(responseOf(refused).error, undefined);
  });

  it('lets one with them watch', async () => {
    const answer = await subscribe('docs');
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(responseOf(answer).result, {});
  });

  for (const [scope, watched] of [
    ['other', undefined],
    ['docs', [watchedResource]],
  ] as const)
    it(`acknowledges to a 2026 client with the scope ${scope} ${watched === undefined ? 'nothing' : 'what it watches'}`, async () => {
      const stream = await openRaw(gateway.port);
      const notifications = { toolsListChanged: true, resourceSubscriptions: [watchedResource] };
      const request = modernRequest(
        'subscriptions/listen',
        { notifications },
        { headers: await bearer(scope) },
      );
      stream.write(requestBytes(gateway.port, request));
      const seen = await stream.seen('"toolsListChanged":true');
      const [, list] = /"resourceSubscriptions":(\[[^\]]*\])/.exec(seen) ?? [];
      assert.deepEqual(list === undefined ? undefined : (JSON.parse(list) as unknown), watched);
      stream.destroy();
    });
});
