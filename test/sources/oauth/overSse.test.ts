import assert from 'node:assert/strict';
import { sseServer } from '../../backends/mcp/sseServer.js';
import { backendCall, repliesOf, textOf } from '../../backends/mcp/backendCall.js';
import { connectMcp, disconnectAll } from '../../backends/mcp/connectMcp.js';
import { toNetwork } from '../../../src/config/toNetwork.js';
import { oauthCredentials } from '../../../src/sources/oauth/oauthCredentials.js';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import { silent } from '../../../src/streams/log.js';
import { startAuthorizationServer } from '../../support/startAuthorizationServer.js';
import { startGuard } from '../../support/startGuard.js';
import { agreeing } from './protectedBackend.js';

describe('a server over HTTP+SSE that wants tokens', () => {
  it('gets one on its stream and with each message', async () => {
    const server = await sseServer({
      message: (body, stream) => stream.result(body, { content: [{ type: 'text', text: 'heard' }] }),
    });
    const as = await startAuthorizationServer();
    const guard = await startGuard({
      port: server.port,
      path: '/sse',

      issuers: () => [as.issuer],
      lookUp: as.lookUp,
    });
    try {
      const credentials = oauthCredentials({
        server: 'old',
        url: guard.url,
        settings: { grant: 'authorization_code', allowedHosts: [] },
        rules: () => toNetwork(),
        store: memoryGrants(),
        consent: agreeing,
        log: silent,
      });
      const backend = connectMcp(guard.url, { protocol: 'sse', credentials });
      assert.equal(textOf((await repliesOf(backend, backendCall('echo')))[0]), 'heard');
      as.revokeAccess();
      assert.equal(textOf((await repliesOf(backend, backendCall('echo')))[0]), 'heard');
      assert.deepEqual(guard.requests, [
        '401 GET',
        'GET',
        'initialize',
        'notifications/initialized',
        'tools/call',
        '401 tools/call',
        'tools/call',
      ]);
      assert.equal(as.authorizations.length, 1);
    } finally {
      await disconnectAll();
      await Promise.all([guard.close(), as.close(), server.close()]);
    }
  });
});
