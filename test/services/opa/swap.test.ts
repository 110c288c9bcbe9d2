import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertAuditRecord } from '../../support/auditSchema.js';
import { eventually } from '../../support/eventually.js';
import { buildBundle } from '../../support/services/buildBundle.js';
import { opaProgram } from '../../support/services/opaProgram.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { policyStory, type PolicyStory } from './policyStory.js';

/** Of two policies one allows what the other denies; each says which it was. */
const rego = (generation: number) => `package sluice
allow := {"allow": input.arguments.id == "${generation % 2}", "reason": "g${generation}"} if input.method == "tools/call"
allow := true if input.method == "tools/list"
`;

interface Swap {
  /** When the server had the new bundle, and when the gateway says that it is in force. */
  readonly servedAt: number;
  readonly inForceAt: number;
}

describe('a policy that is swapped under load: a bundle by HTTP', function () {
  this.timeout(60_000);
  let server: Server;
  let story: PolicyStory;
  let bundle: Buffer;
  let folder: string;
  let etag = '"g0"';
  const statuses: number[] = [];

  before(async function () {
    await serviceFor(this, opaProgram);
    bundle = await made(0);
    server = createServer((request, response) => {
      const known = request.headers['if-none-match'] === etag;
      statuses.push(known ? 304 : 200);
      if (known) response.writeHead(304).end();
      else response.writeHead(200, { etag }).end(bundle);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    folder = await mkdtemp(join(tmpdir(), 'sluice-swapped-'));
    story = await policyStory(
      `opa: { bundle: 'http://127.0.0.1:${port}/b.tar.gz', poll: 100ms }\naudit: { file: '${folder}/audit.ndjson' }`,
    );
  });
  after(async () => {
    await story.close();
    await rm(folder, { recursive: true, force: true });
    server.close();
    server.closeAllConnections();
  });

  const made = (generation: number): Promise<Buffer> =>
    buildBundle({ rego: rego(generation), entrypoints: ['sluice/allow'], revision: `g${generation}` });

  it('is asked for again with its ETag, and not sent again', async () => {
    await eventually(5000, 'a question', () => statuses.includes(304));
    assert.equal(statuses.filter((status) => status === 200).length, 1);
  });

  it('each call is judged by a policy that was in force during it, none is lost', async () => {
    const swaps: Swap[] = [{ servedAt: -Infinity, inForceAt: -Infinity }];
    let isOver = false;
    let judged = 0;
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      while (!isOver) {
        const id = String(caller % 2);
        const begun = performance.now();
        const { error, result } = await story.call('get', { id });
        const ended = performance.now();
        assert.ok(result !== undefined || error?.code === 4003, JSON.stringify(error));
        // Generations that may have judged it: in force before it had ended, and not replaced before it began.
        const possible = swaps.flatMap(({ servedAt }, generation) =>
          servedAt <= ended && (swaps[generation + 1]?.inForceAt ?? Infinity) >= begun ? [generation] : [],
        );
        const verdicts = possible.map((generation) => String(generation % 2) === id);
        assert.ok(verdicts.includes(error === undefined), `an answer of none of [${possible.join()}]`);
        if (error !== undefined) assert.ok(possible.some((generation) => error.message === `g${generation}`));
        judged++;
      }
    });
    for (const generation of [1, 2, 3, 4]) {
      const next = await made(generation);
      const before = judged;
      await eventually(10_000, 'some calls', () => judged > before + 20);
      const servedAt = performance.now();
      swaps[generation] = { servedAt, inForceAt: Infinity };
      [bundle, etag] = [next, `"g${generation}"`];
      await eventually(
        10_000,
        `generation ${generation}`,
        () => story.health().policies?.[0]?.revision === `g${generation}`,
      );
      swaps[generation] = { servedAt, inForceAt: performance.now() };
    }
    const before = judged;
    await eventually(10_000, 'some calls more', () => judged > before + 20);
    isOver = true;
    await Promise.all(callers);
    assert.equal(statuses.filter((status) => status === 200).length, 5);
  });

  it('each version is in the audit trail, and each call with the one that judged it', async () => {
    const records = async () =>
      (await readFile(join(folder, 'audit.ndjson'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const changes = async () => (await records()).filter(({ kind }) => kind === 'policy_changed');
    await eventually(10_000, 'five versions', async () => (await changes()).length === 5);
    assert.deepEqual(
      (await changes()).map(({ policy, source, revision }) => [policy, source, revision]),
      [0, 1, 2, 3, 4].map((generation) => ['gateway', 'bundle', `g${generation}`]),
    );
    const all = await records();
    all.forEach(assertAuditRecord);
    const refused = all.filter(({ kind, outcome }) => kind === 'call' && outcome === 'forbidden');
    assert.ok(refused.length > 0);
    for (const { decision } of refused) assert.equal((decision as { allow: boolean }).allow, false);
  });
});
