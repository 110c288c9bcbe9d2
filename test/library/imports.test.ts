import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const file = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

describe('The library', () => {
  it('opens nothing when its operators and helpers are imported', () => {
    const script = `
      await import(${JSON.stringify(file('operators/index.ts'))});
      await import(${JSON.stringify(file('testing/index.ts'))});
      await import(${JSON.stringify(file('index.ts'))});
      console.log(JSON.stringify(process.getActiveResourcesInfo()));
    `;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const open = JSON.parse(stdout) as readonly string[];
    const opened = open.filter((kind) =>
      /Timeout|Immediate|TCP|UDP|Process|FSEvent|StatWatcher|Worker/.test(kind),
    );
    assert.deepEqual(opened, []);
  });

  it('leaves out of a bundle what is not used', async () => {
    const { metafile, outputFiles } = await build({
      stdin: {
        contents: `import { validateArguments } from './operators/index.ts'; console.log(validateArguments);`,
        resolveDir: file('.'),
      },
      bundle: true,
      treeShaking: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      metafile: true,
      write: false,
    });
    const [output] = Object.values(metafile.outputs);
    const used = Object.entries(output?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path.replace(/^.*src\//, ''));
    assert.deepEqual(
      used.filter((path) => path.startsWith('operators/')),
      ['operators/validateArguments.ts'],
    );
    assert.ok(!used.some((path) => /^(sources|sinks|gateway|stores)\//.test(path)), used.join(' '));
    assert.ok(
      (outputFiles[0]?.contents.length ?? Infinity) < 20_000,
      `${outputFiles[0]?.contents.length ?? 0} bytes`,
    );
  });
});
