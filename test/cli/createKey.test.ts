import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { fakeTerminal } from './fakeTerminal.js';

const servers = `servers:
  orders: { type: rest, url: http://h, tools: { get: { path: / }, refund: { path: /r } } }
  search: { url: http://h }
namespaces: { team: { servers: [orders] } }
tenants: { acme: {} }
`;

describe('cli/keys create: what a key is limited to', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-create-'));
    await writeFile(join(cwd, 'gateway.yaml'), `${servers}auth: { api_keys: { file: ./keys.yaml } }\n`);
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const create = async (...flags: string[]) => {
    const terminal = fakeTerminal({ cwd });
    const code = await run(['keys', 'create', '--user', 'ann', ...flags], terminal);
    return { code, out: terminal.out, err: terminal.err };
  };

  const refused: readonly (readonly [flags: string[], message: RegExp])[] = [
    [['--tenant', 'acne'], /There is no tenant acne in the configuration[\s\S]*Did you mean acme\?/],
    [['--namespace', 'teams'], /There is no namespace teams [\s\S]*Did you mean team\?/],
    [['--server', 'order'], /There is no server order [\s\S]*Did you mean orders\?/],
    [['--server', 'x*'], /There is no server x\* [\s\S]*Add it there first/],
  ];
  for (const [flags, message] of refused)
    it(`${flags.join(' ')} is refused, and no key made`, async () => {
      const { code, out, err } = await create(...flags);
      assert.equal(code, 1);
      assert.match(err, message);
      assert.equal(out, '');
      assert.equal(existsSync(join(cwd, 'keys.yaml')), false);
    });

  const warned: readonly (readonly [flags: string[], warning: RegExp | undefined])[] = [
    [['--tenant', 'acme', '--namespace', 'team', '--server', 'ord*', '--tool', 'orders_get'], undefined],
    [['--tool', '*get'], undefined],
    [['--tool', 'search_anything'], undefined],
    [['--tool', 's*'], undefined],
    [['--tool', 'get'], /warning: No tool can be called get: .*Did you mean orders_get, search_get\?/],
    [
      ['--server', 'orders', '--tool', 'orders_gat'],
      /warning: No tool can be called orders_gat: .*prefix\.$/m,
    ],
    [['--server', 'search', '--tool', 'find*'], /Did you mean search_find\*\?/],
  ];
  for (const [flags, warning] of warned)
    it(`${flags.join(' ')}: ${warning === undefined ? 'good' : 'a warning'}`, async () => {
      const { code, out, err } = await create(...flags);
      assert.equal(code, 0, err);
      assert.match(out, /^slk_/);
      if (warning === undefined) assert.doesNotMatch(err, /warning/);
      else assert.match(err, warning);
    });

  it('any server, where services are discovered', async () => {
    await writeFile(
      join(cwd, 'gateway.yaml'),
      'consul: { url: http://127.0.0.1:1 }\nauth: { api_keys: { file: ./keys.yaml } }\n',
    );
    const { code, err } = await create('--server', 'later', '--tool', 'x');
    assert.equal(code, 0, err);
    assert.doesNotMatch(err, /warning/);
  });
});
