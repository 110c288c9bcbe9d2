import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = [];

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, which is gone when this process is. */
export const temporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  folders.push(folder);
  return folder;
};
