import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { firstValueFrom, NEVER, Subject, throwError } from 'rxjs';
import { limits } from '../../../src/config/limits.js';
import { hazelcastAnswers } from '../../../src/stores/hazelcast/hazelcastAnswers.js';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { nowhere, type AnswerStore } from '../../../src/streams/answers.js';
import { answerTags } from '../../../src/streams/answerTags.js';
import { constant } from '../../../src/streams/latest.js';
import { startService } from '../../backends/rest/startService.js';
import { answersContract, keptAnswer } from '../../stores/answers.contract.js';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { settled } from '../../support/settled.js';
import { startGateway } from '../../support/startGateway.js';
import { clusterFor, type Cluster } from './clusterFor.js';

describe('Remembered answers in Hazelcast', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let links: readonly [HazelcastLink, HazelcastLink];
  const stores: AnswerStore[] = [];
  const secret = randomBytes(32);
  /** Machines that test are busy. */
  const patient = 10_000;
  const storeOn = (
    link: Pick<HazelcastLink, 'use' | 'back$'>,
    key = secret,
    maxBytes = 1e6,
    waitMs = patient,
  ): AnswerStore => {
    const store = hazelcastAnswers({ link, secrets: constant([key]), maxBytes, waitMs });
    stores.push(store);
    return store;
  };
  const size = (): Promise<number> =>
    firstValueFrom(links[0].use('sluice.answers', (answers) => answers.size()));
  before(async function () {
    cluster = await clusterFor(this, 'sluice-answers');
    links = [await cluster.open(), await cluster.open()];
  });
  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
  });
  after(() => cluster.close());

  answersContract('stores/hazelcast', async () => {
    await firstValueFrom(links[0].use('sluice.answers', (answers) => answers.clear()));
    const [store, other] = [storeOn(links[0]), storeOn(links[1])];
    // What is asked over one connection is done in its order: after this question all before it is there.
    const written = async (): Promise<void> => {
      for (const link of links) await firstValueFrom(link.use('sluice.answers', (answers) => answers.size()));
    };
    return { store, other, written };
  });

  const canary = 'canary-answer';
  const learn = async (
    store: AnswerStore,
    key: string,
    tags: readonly string[],
    text: string,
  ): Promise<void> => {
    store.keep(key, tags, keptAnswer(text), await settled(store.find([key], tags)));
    await eventually(
      3000,
      `${key} to be kept`,
      async () => (await settled(store.find([key], tags))).answer !== undefined,
    );
  };

  it('show the members neither answers nor what they are about, and open only with the secret and under their key', async () => {
    const store = storeOn(links[0]);
    const tags = answerTags.of('docs', 'resources/read', { uri: `file:///${canary}` });
    await learn(store, 'one', tags, `{"text":"${canary}"}`);
    store.forget(answerTags.changed('docs', `file:///${canary}`));
    await learn(store, 'one', tags, `{"text":"${canary}"}`);
    const entries = await firstValueFrom(links[0].use('sluice.answers', (answers) => answers.entrySet()));
    assert.ok(entries.length > 1);
    assert.equal(JSON.stringify(entries).includes(canary), false);
    assert.equal((await settled(storeOn(links[1], randomBytes(32)).find(['one'], tags))).answer, undefined);
    const sealed = entries.find(([key]) => key === 'one')?.[1];
    await firstValueFrom(links[0].use('sluice.answers', (answers) => answers.set('two', sealed)));
    assert.equal(
      (await settled(store.find(['two'], tags))).answer,
      undefined,
      'moved to the place of another',
    );
  });

  it('take no more room than an instance may use', async () => {
    const before = await size();
    const store = storeOn(links[0], secret, 5000);
    for (const key of ['a', 'b', 'c', 'd', 'e']) await learn(store, `room ${key}`, ['t'], 'x'.repeat(500));
    await eventually(
      3000,
      'the oldest to be gone',
      async () => (await size()) - before === store.held.answers,
    );
    assert.ok(store.held.bytes <= 5000 && store.held.answers < 5 && store.held.pushedOut > 0);
    const found = await settled(store.find(['room a'], ['t']));
    assert.equal(found.answer, undefined);
  });

  it('are not there while the cluster is away; what changes meanwhile is told when it is back', async () => {
    const back = new Subject<unknown>();
    let isAway = false;
    const link: Pick<HazelcastLink, 'use' | 'back$'> = {
      use: (name, operation) =>
        isAway ? throwError(() => new Error('away')) : links[0].use(name, operation),
      back$: back,
    };
    const [store, other] = [storeOn(link), storeOn(links[1])];
    await learn(store, 'away', ['t1', 't2'], 'x');
    isAway = true;
    assert.equal(await settled(store.find(['away'], ['t1', 't2'])), nowhere);
    store.forget(['t2']);
    isAway = false;
    assert.equal(await settled(store.find(['away'], ['t1', 't2'])), nowhere, 'the others do not know yet');
    assert.ok((await settled(other.find(['away'], ['t1', 't2']))).answer);
    back.next(undefined);
    await eventually(
      3000,
      'the others to know',
      async () => (await settled(other.find(['away'], ['t1', 't2']))).answer === undefined,
    );
    await learn(store, 'away', ['t1', 't2'], 'new');
  });

  it('are not waited for when the cluster is silent', async () => {
    const store = storeOn({ use: () => NEVER, back$: NEVER }, secret, 1e6, 10);
    assert.equal(await settled(store.find(['a'], ['t'])), nowhere);
  });

  it('do not fill the cluster with words about resources that somebody makes up', async () => {
    const store = storeOn(links[0]);
    const before = await size();
    for (let at = 0; at < 2 * limits.untoldChanges; at++)
      store.forget(answerTags.changed('docs', `made:${at}`));
    const tags = answerTags.of('docs', 'resources/read', { uri: 'made:0' });
    await eventually(
      10_000,
      'all to be told',
      async () => (await settled(store.find(['x'], tags))) !== nowhere,
    );
    const words = (await size()) - before;
    assert.ok(words <= limits.untoldChanges + 10, String(words));
  });

  it('are found by another gateway, and forgotten there too', async () => {
    let calls = 0;
    const service = await startService((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"count":${++calls}}`);
    });
    const { clusterName, addresses } = cluster;
    const config = `  shop: { type: rest, url: "${service.url}", tools: { get: { path: /, annotations: { readOnlyHint: true } }, put: { method: POST, path: / } } }
sessions: { store: hazelcast, hazelcast: { cluster_name: ${clusterName}, addresses: ${JSON.stringify(addresses)} } }
state: { keys: ["${secret.toString('base64')}"] }
cache: { store: shared, tools/call: { ttl: 1m } }`;
    const gateways = [await startGateway(config), await startGateway(config)] as const;
    try {
      const count = async (at: 0 | 1, tool = 'get') =>
        (await modernCall(gateways[at].port, `shop_${tool}`)).result?.['structuredContent'];
      await eventually(5000, 'the first to remember', async () => {
        await count(0);
        const before = calls;
        await count(0);
        return calls === before;
      });
      const known = await count(0);
      assert.deepEqual(await count(1), known);
      await count(1, 'put');
      await eventually(
        3000,
        'the first to forget',
        async () => JSON.stringify(await count(0)) !== JSON.stringify(known),
      );
    } finally {
      for (const gateway of gateways) await gateway.close();
      await service.close();
    }
  });
});
