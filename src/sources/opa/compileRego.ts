import { execFile, type ExecFileException } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { limits } from '../../config/limits.js';
import { packageOf } from './packageOf.js';
import type { PolicyFiles } from './policyFiles.js';
import { PolicyFault } from './policyFault.js';

/** Longest time for a compilation, in milliseconds. */
const compileMs = 60_000;

/**
 * Compiles Rego to a bundle with the `opa` program: every package becomes an entry point, and what is asked for too.
 *
 * @param program a file, or a name to be found in PATH
 * @param places the files of each place
 * @param path the decision that is asked for
 * @returns the bundle; rejects with a `PolicyFault` with the words of `opa`, or with the remedy where there is no such program
 */
export const compileRego = (...job: Parameters<typeof compile>): Promise<Buffer> => {
  const mine = turn.then(() => compile(...job));
  turn = mine.then(nothing, nothing);
  return mine;
};

/** One at a time: it takes a processor and some 100 MB, and a thousand services may name a policy each. */
let turn: Promise<unknown> = Promise.resolve();
const nothing = (): void => undefined;

const compile = async (
  program: string,
  places: readonly PolicyFiles[],
  path: string | undefined,
): Promise<Buffer> => {
  const packages = new Set(
    places.flatMap((files) =>
      [...files].flatMap(([name, content]) =>
        isRego(name) ? (packageOf(content.toString('utf8')) ?? []) : [],
      ),
    ),
  );
  if (packages.size === 0) throw new PolicyFault('There is no `package` in the Rego');
  const within = path !== undefined && packages.has(path.split('/').slice(0, -1).join('/'));
  const entrypoints = [...packages, ...(within && !packages.has(path) ? [path] : [])];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-rego-'));
  try {
    const sources: string[] = [];
    for (const [index, files] of places.entries())
      sources.push(...(await written(folder, String(index), files)));
    const bundle = join(folder, 'bundle.tar.gz');
    await run(program, folder, [
      'build',
      '--target=wasm',
      `--output=${bundle}`,
      ...entrypoints.map((entrypoint) => `--entrypoint=${entrypoint}`),
      ...sources,
    ]);
    if ((await stat(bundle)).size > limits.opaBundleBytes)
      throw new PolicyFault(`The compiled policy is larger than ${limits.opaBundleBytes} bytes`);
    return await readFile(bundle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const isRego = (name: string): boolean => name.endsWith('.rego') && !name.endsWith('_test.rego');

/** Gives what to name to `opa`: the one file, or the folder of several, whose data belongs where it is in there. */
const written = async (root: string, place: string, files: PolicyFiles): Promise<readonly string[]> => {
  const names = [...files.keys()].filter((name) => isRego(name) || !name.endsWith('.rego'));
  for (const name of names) {
    const file = join(root, place, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, files.get(name) ?? '');
  }
  const [only] = names;
  if (only === undefined) return [];
  return names.length === 1 ? [join(place, only)] : [place];
};

const run = (program: string, folder: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const { PATH = '' } = process.env;
    const options = {
      cwd: folder,
      // Nothing of the gateway's own environment, which has secrets in it.
      env: { PATH, HOME: folder, TMPDIR: folder, GOMEMLIMIT: '512MiB' },
      timeout: compileMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 64 * 1024,
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve();
      // What does not compile it tells on stdout.
      else reject(asFault(error, `${stderr}${stdout}`, folder));
    });
  });

const asFault = (error: ExecFileException, output: string, folder: string) => {
  if (error.code === 'ENOENT' || error.code === 'EACCES')
    return new PolicyFault(
      'Rego has to be compiled, and there is no `opa` program here: install it (openpolicyagent.org), name it with `opa.program`, or give a compiled bundle (`bundle`) or an OPA server (`url`)',
      { cause: error },
    );
  if (error.killed === true) return new PolicyFault('`opa build` took too long', { cause: error });
  const said = output.replaceAll(`${folder}/`, '').trim().slice(0, 2000);
  return new PolicyFault(`The Rego does not compile: ${said}`, { cause: error });
};
