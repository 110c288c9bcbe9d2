import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastGrants } from '../../../src/stores/hazelcast/hazelcastGrants.js';
import type { GrantRecord, GrantStore } from '../../../src/streams/grants.js';
import { constant } from '../../../src/streams/latest.js';
import { grantsContract } from '../../stores/grants.contract.js';
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
});
