import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { defer, EMPTY } from 'rxjs';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { memoryGrants } from '../../src/stores/memoryGrants.js';
import { constant } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { agreeing } from '../sources/oauth/protectedBackend.js';
import { startAuthorizationServer, type AuthorizationServer } from '../support/startAuthorizationServer.js';
import { startGuard, type Guard } from '../support/startGuard.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

const downstreamToken = 'token-of-the-client-for-the-gateway';

for (const era of ['modern', 'legacy'] as const)
  describe(`clients of a gateway in front of a ${era} server that wants tokens`, () => {
    let as: AuthorizationServer;
    let server: McpBackend;
    let guard: Guard;
    let gateway: Gateway;
    let client: Client;
    let somebody = true;
    const seen = new Set<string>();

    before(async () => {
      as = await startAuthorizationServer();
      server = await startMcpBackend({ era });
      const lookUp = (token: string) => {
        seen.add(token);
        return as.lookUp(token);
      };
      guard = await startGuard({ port: server.port, issuers: () => [as.issuer], lookUp });
      const text = JSON.stringify({
        listen: { port: 0 },
        admin: { port: 0 },
        servers: { crm: { url: guard.url, oauth: {} } },
      });
      const settings = loadSettings(text, { file: 'gateway.json', env: {}, baseDir: process.cwd() });
      gateway = createGateway(constant(settings), {
        log: silent,
        version: '0.0.0-test',
        authorizing: {
          grants: memoryGrants(),
          consent: (name) => defer(() => (somebody ? agreeing(name) : EMPTY)),
        },
      });
      const { url } = await gateway.listen();
      await gateway.ready();
      client = new Client({ name: 'test', version: '1' });
      const headers = { authorization: `Bearer ${downstreamToken}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    });
    after(async () => {
      await client.close();
      await gateway.close();
      await Promise.all([guard.close(), server.close(), as.close()]);
    });

    it('notice nothing of it', async () => {
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === 'crm_echo'));
      as.revokeAccess();
      const { content } = await client.callTool({ name: 'crm_echo', arguments: { a: 1 } });
      assert.deepEqual(content, [{ type: 'text', text: '{"a":1}' }]);
      assert.equal(server.calls, 1);
    });

    it('never have their own tokens sent to it', () => {
      assert.ok(seen.size > 1);
      assert.ok(!seen.has(downstreamToken));
    });

    it('are told what an operator has to do when there is no token any more', async () => {
      somebody = false;
      as.revokeAccess();
      as.revokeRefresh();
      await assert.rejects(client.callTool({ name: 'crm_echo', arguments: {} }), {
        code: -32603,
        message: /The server "crm" has to be authorized: run `sluice authorize crm`/,
      });
      assert.equal(server.calls, 1);
    });
  });
