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

/**
 * Calls that take so long while all instances are well (milliseconds, the slowest hundredth) are waiting for a processor. Such a machine
 * can't tell a hurt instance from one that has to wait, so the case is tried again.
 */
const starvedMs = 300;

const kinds: readonly BackendKind[] = ['rest', 'legacy', 'modern'];

for (const kind of kinds)
  describe(`One of three instances (${kind}) under ${perSecond} calls a second`, function () {
    this.timeout(240_000);
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
        for (let left = 2; ; left--) {
          const measured = await hurtUnderLoad(kind, instances, harm, perSecond);
          judgeHarm(measured);
          try {
            judgeService(measured);
            if (process.env['SLUICE_FAULT_REPORT'] !== undefined)
              console.log(reportRow(kind, harm, measured));
            return;
          } catch (error) {
            if (left === 0 || measured.usualMs < starvedMs) throw error;
            console.log(`again: calls took ${Math.round(measured.usualMs)} ms before anything was hurt`);
          }
        }
      });
  });

/** What never happens, whatever the machine is busy with. */
const judgeHarm = ({ tools, done }: Measured): void => {
  for (const [what, { repeatable }] of Object.entries(work)) {
    const tool = tools[`many_${what}`];
    assert.ok(tool !== undefined);
    assert.deepEqual(tool.wrong, [], `answers of ${what} that are not so`);
    if (repeatable) continue;
    const lines = done.filter((line) => line.startsWith(`${what} `));
    assert.equal(new Set(lines).size, lines.length, `${what} was done twice`);
    const known = new Set(lines);
    const invented = tool.done.filter((key) => !known.has(`${what} ${key}`));
    assert.deepEqual(invented, [], `${what} was said to be done and was not`);
  }
};

/** What takes a machine that can carry the load. */
const judgeService = ({ trouble, perSecond: rate, unanswered, tools, recoveriesMs }: Measured): void => {
  assert.ifError(trouble);
  assert.ok(rate >= floor, `the load was ${Math.round(rate)} calls a second`);
  assert.equal(unanswered, 0, 'calls without an answer');
  for (const [what, { repeatable, parts }] of Object.entries(work)) {
    const { failures = 0, failed = [], cutShort = 0 } = tools[`many_${what}`] ?? {};
    // What has begun to arrive can't be taken back: such a call fails, and says so.
    if (repeatable) assert.equal(failures, parts > 0 ? cutShort : 0, failed.join('\n'));
    // What was never sent is repeated, whatever it is.
    assert.ok(!failed.some((text) => text.includes('reached')), failed.join('\n'));
  }
  for (const ms of recoveriesMs) assert.ok(ms <= recoveryMs, `the recovery took ${ms} ms`);
};
