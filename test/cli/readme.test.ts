import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { loadSettings } from '../../src/config/load.js';
import { fakeTerminal } from './fakeTerminal.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');

/** The code blocks of a language. */
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text ?? '',
  );

describe('README.md', () => {
  /** Holds the files that the README names at their beginnings. */
  const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
  for (const text of blocks('js')) {
    const [, name] = /^\/\/ (\S+\.mjs)\n/.exec(text) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
  after(() => rmSync(folder, { recursive: true }));

  for (const [index, text] of blocks('yaml').entries())
    it(`configuration ${index + 1} is good and all of it active`, () => {
      const { inactive } = loadSettings(text, {
        file: 'README.md',
        env: { ORDERS_TOKEN: 't' },
        baseDir: folder,
      });
      assert.deepEqual(inactive, []);
    });

  for (const [index, text] of blocks('json').entries())
    it(`JSON ${index + 1} is JSON`, () => assert.equal(typeof JSON.parse(text), 'object'));

  it('names only scripts, commands and files that exist', async () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const shell = blocks('sh').join('');
    for (const [, script = ''] of shell.matchAll(/^npm (?:run )?([a-z:]+)/gm))
      assert.ok(script === 'ci' || script in scripts, `npm run ${script}`);
    for (const [, command = ''] of readme.matchAll(/sluice (start|check|tools|call|resources|prompts)/g))
      assert.equal(await run([command, '--help'], fakeTerminal()), 0);
    for (const [, link = ''] of readme.matchAll(/\]\(([^)#:]+)\)/g))
      assert.ok(existsSync(new URL(`../../${link}`, import.meta.url)), link);
  });

  it('shows the curl that the quickstart prints', () => {
    const [curl = ''] = blocks('sh').filter((text) => text.startsWith('curl'));
    const body = JSON.parse(/-d '(.*)'/.exec(curl)?.[1] ?? '') as { params: { name: string } };
    assert.match(curl, new RegExp(`Mcp-Name: ${body.params.name}'`));
  });
});
