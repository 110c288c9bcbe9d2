import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitationCompleteNotificationSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastGrants } from '../../../src/stores/hazelcast/hazelcastGrants.js';
import type { GrantRecord, GrantStore } from '../../../src/streams/grants.js';
import { constant } from '../../../src/streams/latest.js';
import { grantsContract } from '../../stores/grants.contract.js';
import { callCrm } from '../../support/asksToConnect.js';
import { PageBrowser } from '../../support/pageBrowser.js';
import { startPersonal } from '../../support/startPersonal.js';
import { clusterFor, type Cluster } from './clusterFor.js';

describe('Tokens for servers in Hazelcast', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let link: HazelcastLink;
  const secret = randomBytes(32);
  const storeOf = (...secrets: [Uint8Array, ...Uint8Array[]]): GrantStore =>
    hazelcastGrants(link, constant(secrets));
  before(async function () {
    cluster = await clusterFor(this, 'sluice-grants');
    link = await cluster.open();
  });
  after(() => cluster.close());

  grantsContract(() => storeOf(secret));

  const canary = 'canary-token';
  const record: GrantRecord = {
    clients: {},
    grant: { issuer: canary, resource: canary, scopes: [canary], accessToken: canary, refreshToken: canary },
  };
  const write = (key: string) =>
    lastValueFrom(storeOf(secret).write(key, record), { defaultValue: undefined });

  it('show the members neither tokens nor names', async () => {
    await write(canary);
    const entries = await firstValueFrom(link.use('sluice.grants', (grants) => grants.entrySet()));
    assert.ok(entries.length > 0);
    assert.equal(JSON.stringify(entries).includes(canary), false);
  });

  it('open with an older key too, not with another, and not in the place of somebody else', async () => {
    await write('ann');
    assert.deepEqual(await lastValueFrom(storeOf(randomBytes(32), secret).read('ann')), record);
    assert.equal(await lastValueFrom(storeOf(randomBytes(32)).read('ann')), undefined);
    await firstValueFrom(
      link.use('sluice.grants', async (grants) => {
        const entries = await grants.entrySet();
        const [[, any] = ['', '']] = entries;
        for (const [key] of entries) await grants.set(key, any);
      }),
    );
    const found = await Promise.all([canary, 'ann'].map((key) => lastValueFrom(storeOf(secret).read(key))));
    assert.ok(found.filter((each) => each !== undefined).length <= 1);
  });

  it('end with their token', async () => {
    const short = { ...record, grant: { ...record.grant, expiresAt: Date.now() + 1000 } } as GrantRecord;
    const { refreshToken: _none, ...grant } = short.grant ?? {};
    await lastValueFrom(storeOf(secret).write('short', { clients: {}, grant: grant as never }), {
      defaultValue: undefined,
    });
    const keptMs = await firstValueFrom(
      link.use('sluice.grants', async (grants) => {
        const views = await Promise.all((await grants.keySet()).map((key) => grants.getEntryView(key)));
        return Math.min(...views.map((view) => Number(view.ttl)));
      }),
    );
    assert.ok(keptMs <= 1000, String(keptMs));
  });

  it('a person agrees at one gateway, and all have it: its session elsewhere is told, its token is renewed once', async () => {
    const { clusterName, addresses } = cluster;
    const place = await startPersonal({
      keepsAsConfigured: true,
      config: {
        sessions: { store: 'hazelcast', hazelcast: { cluster_name: clusterName, addresses } },
        state: { keys: [secret.toString('base64')] },
      },
    });
    const clients: Client[] = [];
    try {
      const other = await place.another();
      const headers = { authorization: `Bearer ${await place.token('ann')}` };
      const client = new Client(
        { name: 'test', version: '1' },
        { capabilities: { elicitation: { url: {} } } },
      );
      clients.push(client);
      const done = new Promise<string>((resolve) => {
        client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) =>
          resolve(params.elicitationId),
        );
      });
      await client.connect(
        new StreamableHTTPClientTransport(new URL(place.url), { requestInit: { headers } }),
      );
      const asked = await client.callTool({ name: 'crm_echo', arguments: {} }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(asked instanceof UrlElicitationRequiredError, String(asked));
      const [elicitation] = asked.elicitations;
      const link = new URL(elicitation?.url ?? '');
      link.port = new URL(other.url).port;
      assert.match((await new PageBrowser('ann').connect(link)).page, /<h1>Connected<\/h1>/);
      assert.equal(await done, elicitation?.elicitationId);

      place.as.revokeAccess();
      const renewals = () => place.as.requests.filter((each) => each === 'POST /token refresh_token').length;
      const before = renewals();
      const ports = [place.url, other.url].map((url) => Number(new URL(url).port));
      const answers = await Promise.all([...ports, ...ports].map((port) => callCrm(port, headers)));
      for (const { result, error: failure } of answers)
        assert.notEqual(result?.['content'], undefined, JSON.stringify(failure));
      assert.equal(renewals() - before, 1);
    } finally {
      for (const client of clients) await client.close();
      await place.close();
    }
  });
});
