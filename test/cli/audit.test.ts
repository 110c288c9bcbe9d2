import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.js';
import { auditLine } from '../../src/sinks/audit/auditLine.js';
import { AuditTrail } from '../../src/sinks/audit/auditTrail.js';
import { fileChain } from '../../src/sinks/audit/fileChain.js';
import { LineFile } from '../../src/sinks/audit/lineFile.js';
import { fakeTerminal } from './fakeTerminal.js';

describe('cli/audit', () => {
  const secret = 'ab'.repeat(32);
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'sluice-audit-'));
    const path = join(cwd, 'audit.ndjson');
    const file = new LineFile({
      path,
      maxBytes: 1e6,
      keep: 1,
      seal: fileChain({ path, key: Buffer.from(secret, 'hex'), keep: 1 }),
      maxPendingBytes: 1e6,
      onState: () => undefined,
    });
    const trail = new AuditTrail({ sink: file, format: auditLine, onRecord: assert.ok });
    for (let index = 1; index <= 20; index++)
      trail.record({ time: new Date().toISOString(), kind: 'dropped', count: index });
    await file.close();
    await writeFile(
      join(cwd, 'gateway.yaml'),
      `servers: { s: { url: 'http://127.0.0.1:1' } }\naudit: { file: audit.ndjson, key: ${secret} }\n`,
    );
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const verify = async (...args: string[]) => {
    const terminal = fakeTerminal({ cwd });
    return { code: await run(['audit', 'verify', ...args], terminal), terminal };
  };
  const edit = async (change: (lines: string[]) => void): Promise<void> => {
    const path = join(cwd, 'audit.ndjson');
    const lines = (await readFile(path, 'utf8')).split('\n');
    change(lines);
    await writeFile(path, lines.join('\n'));
  };

  it('says that nothing was changed, and how far it goes', async () => {
    for (const args of [
      ['-c', 'gateway.yaml'],
      ['audit.ndjson', '-c', 'gateway.yaml'],
    ]) {
      const { code, terminal } = await verify(...args);
      assert.equal(code, 0, terminal.err);
      assert.match(terminal.out, /^ok 20 records in 1 file, 1 to 20; the last hash is [0-9a-f]{64}\n$/);
    }
  });

  it('names the line of a changed record', async () => {
    await edit((lines) => (lines[6] = lines[6]?.replace('"count":7', '"count":8') ?? ''));
    const { code, terminal } = await verify('-c', 'gateway.yaml');
    assert.equal(code, 1);
    assert.match(terminal.out, /audit\.ndjson:7 was changed after it was written/);
  });

  it('names the line after a removed record', async () => {
    await edit((lines) => lines.splice(6, 1));
    const { code, terminal } = await verify('-c', 'gateway.yaml');
    assert.equal(code, 1);
    assert.match(terminal.out, /audit\.ndjson:7 does not follow on the one before: records between/);
  });

  it('needs the secret, and says that it may be what is missing', async () => {
    const { code, terminal } = await verify('audit.ndjson');
    assert.equal(code, 1);
    assert.match(terminal.err, /audit\.key/);
    assert.ok(!`${terminal.out}${terminal.err}`.includes(secret));
  });

  it('finds the trails of workers, each a chain of its own', async () => {
    const text = await readFile(join(cwd, 'audit.ndjson'), 'utf8');
    await writeFile(join(cwd, 'audit.ndjson'), '');
    for (const worker of [1, 12]) await writeFile(join(cwd, `audit.worker-${worker}.ndjson`), text);
    const { code, terminal } = await verify('-c', 'gateway.yaml');
    assert.equal(code, 0, terminal.err);
    assert.match(
      terminal.out,
      /audit\.worker-1\.ndjson: ok 20 records[\s\S]*audit\.worker-12\.ndjson: ok 20/,
    );
    await writeFile(join(cwd, 'audit.worker-12.ndjson'), text.replace('"count":7', '"count":8'));
    assert.equal((await verify('-c', 'gateway.yaml')).code, 1);
  });

  it('misses the trail of a worker that the configuration names', async () => {
    const text = await readFile(join(cwd, 'audit.ndjson'), 'utf8');
    const config = await readFile(join(cwd, 'gateway.yaml'), 'utf8');
    await writeFile(join(cwd, 'gateway.yaml'), `${config}workers: 2\n`);
    await writeFile(join(cwd, 'audit.worker-1.ndjson'), text);
    const lacking = await verify('-c', 'gateway.yaml');
    assert.equal(lacking.code, 1);
    assert.match(lacking.terminal.out, /FAULT audit\.worker-2\.ndjson is missing/);
    await writeFile(join(cwd, 'audit.worker-2.ndjson'), text);
    const whole = await verify('-c', 'gateway.yaml');
    assert.equal(whole.code, 0, whole.terminal.err);
  });

  it('says that the beginning was cut off', async () => {
    await edit((lines) => lines.splice(0, 4));
    const { code, terminal } = await verify('-c', 'gateway.yaml');
    assert.equal(code, 1);
    assert.match(terminal.out, /FAULT .*audit\.ndjson:1 is not the beginning of the trail/);
  });

  it('explains a file that is not there, and a configuration without a trail', async () => {
    const missing = await verify('nothing.ndjson');
    assert.equal(missing.code, 1);
    assert.match(missing.terminal.err, /There is no audit trail/);
    await writeFile(join(cwd, 'plain.yaml'), "servers: { s: { url: 'http://127.0.0.1:1' } }\n");
    const without = await verify('-c', 'plain.yaml');
    assert.equal(without.code, 1);
    assert.match(without.terminal.err, /keeps no audit trail/);
  });
});
