import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opaProgram } from './opaProgram.js';
import { run } from './run.js';

export interface BundleSource {
  readonly rego: string;
  readonly data?: unknown;
  readonly entrypoints: readonly string[];
  readonly revision?: string;
}

/** A bundle as `opa build -t wasm` makes it. */
export const buildBundle = async ({ rego, data, entrypoints, revision }: BundleSource): Promise<Buffer> => {
  const program = await opaProgram();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bundle-'));
  try {
    await writeFile(join(folder, 'policy.rego'), rego);
    if (data !== undefined) await writeFile(join(folder, 'data.json'), JSON.stringify(data));
    const args = [
      'build',
      '--target=wasm',
      ...entrypoints.map((entrypoint) => `--entrypoint=${entrypoint}`),
      ...(revision === undefined ? [] : [`--revision=${revision}`]),
      'policy.rego',
      ...(data === undefined ? [] : ['data.json']),
    ];
    await run(program, args, { cwd: folder, ms: 60_000 });
    return await readFile(join(folder, 'bundle.tar.gz'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
