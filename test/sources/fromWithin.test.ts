import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { fromWithin } from '../../src/sources/fromWithin.js';
import { within } from '../support/within.js';

describe('sources/fromWithin', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-within-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tells of a file in a folder that is changed', async () => {
    const told = firstValueFrom(fromWithin(folder));
    await writeFile(join(folder, 'a.rego'), 'package a');
    await within(3000, 'a change', told);
  });

  for (const [what, name] of [
    ['no folder', 'nowhere'],
    ['a file', 'file'],
  ] as const)
    it(`ends where there is ${what}`, async () => {
      await writeFile(join(folder, 'file'), '');
      assert.equal(
        await lastValueFrom(fromWithin(join(folder, name)), { defaultValue: 'nothing' }),
        'nothing',
      );
    });
});
