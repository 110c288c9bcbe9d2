import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { work, type BackendKind } from './backend.js';
import { harms } from './harms.js';
import { hurtUnderLoad, recoveryMs, type Measured } from './hurtUnderLoad.js';
import { startInstance, type Instance } from './startInstance.js';
import { reportRow } from './reportRow.js';

/** Calls a second. */
const perSecond = Number(process.env['SLUICE_FAULT_RATE'] ?? 500);
/** The generator catches up after a stall; a machine on which it can't even do that measures nothing. */
const floor = 0.98 * perSecond;

const kinds: readonly BackendKind[] = ['rest', 'legacy', 'modern'];

for (const kind of kinds)
  describe(`One of three instances (${kind}) under ${perSecond} calls a second`, function () {
    this.timeout(90_000);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
    let instances: readonly Instance[];

    before(async () => {
      instances = await Promise.all(
        [0, 1, 2].map((index) => startInstance(kind, join(folder, `instance${index}`))),
      );
    });
    after(async () => {
      await Promise.all(instances.map((one) => one.end('SIGKILL')));
      rmSync(folder, { recursive: true });
    });

    for (const harm of harms)
      it(`${harm.name}: no repeatable call fails, nothing is done twice, it is taken back within the cooldown`, async () => {
        const measured = await hurtUnderLoad(kind, instances, harm, perSecond);
        if (process.env['SLUICE_FAULT_REPORT'] !== undefined) console.log(reportRow(kind, harm, measured));
        judge(measured);
      });
  });

const judge = ({ perSecond: rate, unanswered, tools, done, recoveriesMs }: Measured): void => {
  assert.ok(rate >= floor, `the load was ${Math.round(rate)} calls a second`);
  assert.equal(unanswered, 0, 'calls without an answer');
  for (const [what, { repeatable, parts }] of Object.entries(work)) {
    const tool = tools[`many_${what}`];
    assert.ok(tool !== undefined);
    assert.deepEqual(tool.wrong, [], `answers of ${what} that are not so`);
    // What has begun to arrive can't be taken back: such a call fails, and says so.
    if (repeatable) assert.equal(tool.failures, parts > 0 ? tool.cutShort : 0, tool.failed.join('\n'));
    // What was never sent is repeated, whatever it is.
    assert.ok(!tool.failed.some((text) => text.includes('reached')), tool.failed.join('\n'));
    if (repeatable) continue;
    const lines = done.filter((line) => line.startsWith(`${what} `));
    assert.equal(new Set(lines).size, lines.length, `${what} was done twice`);
    const known = new Set(lines);
    assert.deepEqual(
      tool.done.filter((key) => !known.has(`${what} ${key}`)),
      [],
      `${what} was said to be done and was not`,
    );
  }
  for (const ms of recoveriesMs) assert.ok(ms <= recoveryMs, `the recovery took ${ms} ms`);
};
