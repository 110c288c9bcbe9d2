/** Persons who connect a service for themselves, at a gateway of several processes. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitationCompleteNotificationSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { startService, type Service } from '../../backends/rest/startService.js';
import { callCrm } from '../../support/asksToConnect.js';
import { loginClient } from '../../support/logins.js';
import { PageBrowser } from '../../support/pageBrowser.js';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../support/startAuthorizationServer.js';
import { startIssuer, type Issuer } from '../../support/startIssuer.js';
import { startWorkers, type Workers } from '../../support/startWorkers.js';

describe('persons at several workers', function () {
  this.timeout(90_000);
  let folder: string;
  let issuer: Issuer;
  let as: AuthorizationServer;
  let service: Service;
  let workers: Workers;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-people-workers-'));
    issuer = await startIssuer();
    as = await startAuthorizationServer({ clients: { sluice: 'hush' }, lifetime: 3600 });
    service = await startService((request, response) => {
      const known = as.lookUp(request.headers.authorization?.replace('Bearer ', '') ?? '');
      response
        .writeHead(known === undefined ? 401 : 200, { 'content-type': 'application/json' })
        .end('{"ok":true}');
    });
    const config = {
      auth: {
        jwt: {
          issuers: [
            {
              issuer: issuer.url,
              audience: 'gateway',
              sign_in: { client_id: loginClient.id, client_secret: loginClient.secret },
            },
          ],
        },
      },
      oauth: { state: join(folder, 'oauth.json') },
      servers: {
        crm: {
          type: 'rest',
          url: service.url,
          tools: { echo: { path: '/' } },
          oauth: { grant: 'per_user', issuer: as.issuer, client_id: 'sluice', client_secret: 'hush' },
        },
      },
    };
    const yaml = Object.entries(config).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    workers = await startWorkers(yaml.join('\n'), 2);
  });
  after(async () => {
    await workers.close();
    await Promise.all([service, as, issuer].map((each) => each.close()));
    await rm(folder, { recursive: true, force: true });
  });

  it('agree at one, and are known to all; the session is told wherever it is', async () => {
    const headers = { authorization: `Bearer ${await issuer.token('gateway')}` };
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: { url: {} } } });
    const done = new Promise<string>((resolve) => {
      client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) =>
        resolve(params.elicitationId),
      );
    });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(workers.url), { requestInit: { headers } }),
    );
    const call = { name: 'crm_echo', arguments: {} };
    const error = await client.callTool(call).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UrlElicitationRequiredError, String(error));
    const [asked] = error.elicitations;
    const { page } = await new PageBrowser('ann').connect(asked?.url ?? '');
    assert.match(page, /<h1>Connected<\/h1>/);
    assert.equal(await done, asked?.elicitationId);
    assert.deepEqual((await client.callTool(call)).structuredContent, { ok: true });
    await client.close();

    as.revokeAccess();
    const before = as.tokenRequests.length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => callCrm(workers.port, headers)));
    for (const { result, error: failure } of answers)
      assert.deepEqual(result?.['structuredContent'], { ok: true }, JSON.stringify(failure));
    assert.equal(as.tokenRequests.length - before, 1, 'one refresh token is used once');
    assert.equal(
      (await readdir(join(folder, 'oauth.people'))).length,
      2,
      'hers, and who the gateway is there',
    );
  });
});
