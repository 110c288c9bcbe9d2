import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../support/services/freePorts.js';
import { within } from '../support/within.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** The instructions of each stage, one string each, continued lines joined, flags left out. */
const stages = (): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  let stage: string[] = [];
  const text = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8').replace(/^#.*\n/gm, '');
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const name = /^FROM \S+(?: AS (\S+))?$/.exec(line);
    if (name !== null) found.set(name[1] ?? 'image', (stage = []));
    else if (line !== '') stage.push(line.replace(/ --mount=\S+/g, ''));
  }
  return found;
};

const argumentsOf = (stage: string, instruction: string): string[] =>
  (stages().get(stage) ?? [])
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1).trim());

/** What the commands see that the image's builder runs. */
const env = { ...process.env, npm_config_loglevel: 'error', npm_config_update_notifier: 'false' };
const sh = (command: string, cwd: string): void => {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], { cwd, env, encoding: 'utf8' });
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
};

/** The Node that runs this, and every other version on this machine's path. */
const nodes = (): string[] => {
  const paths = [
    process.execPath,
    ...(process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'node')),
  ];
  const byVersion = new Map<string, string>();
  for (const path of paths.filter((each) => existsSync(each))) {
    const found = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
    if (!byVersion.has(found)) byVersion.set(found, path);
  }
  return [...byVersion.values()];
};

describe('deploy/Dockerfile', function () {
  this.timeout(240_000);
  // What it takes from a registry is fetched once; a second try would only take longer.
  this.retries(0);
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  const build = join(scratch, 'build');
  const install = join(scratch, 'install');
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('copies only what is there and what .dockerignore lets through', () => {
    const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    assert.ok(lines.includes('*'));
    const sources = [...argumentsOf('build', 'COPY'), ...argumentsOf('install', 'COPY')]
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    assert.deepEqual([...new Set(sources)].sort(), allowed.sort());
    for (const source of sources) assert.ok(existsSync(join(root, source)), source);
  });

  it('builds the tarball from what it copies', () => {
    mkdirSync(build);
    for (const line of argumentsOf('build', 'COPY')) {
      const [target = '', ...sources] = line.split(' ').reverse();
      for (const source of sources) {
        const into = source.endsWith('/') ? target : join(target, source.split('/').at(-1) ?? '');
        cpSync(join(root, source), join(build, into), { recursive: true });
      }
    }
    // Stands for `npm ci`, which .ci/run has done; the packages are the same.
    symlinkSync(join(root, 'node_modules'), join(build, 'node_modules'));
    const [first = '', second = '', ...rest] = argumentsOf('build', 'RUN');
    assert.match(first, /^npm ci --ignore-scripts/);
    assert.deepEqual(rest, []);
    sh(second, build);
    assert.deepEqual(
      readdirSync(build).filter((file) => file.endsWith('.tgz')),
      [`sluice-${version}.tgz`],
    );
  });

  it('installs it without dependencies for development', () => {
    mkdirSync(install);
    cpSync(join(build, `sluice-${version}.tgz`), join(install, `sluice-${version}.tgz`));
    cpSync(join(root, 'package-lock.json'), join(install, 'package-lock.json'));
    const [command = '', ...rest] = argumentsOf('install', 'RUN');
    assert.deepEqual(rest, []);
    sh(command, install);
    assert.deepEqual(
      readdirSync(install).filter((file) => /\.tgz$|lock/.test(file)),
      [],
    );
    for (const tool of ['typescript', 'mocha', 'tsx', '@modelcontextprotocol/sdk'])
      assert.ok(!existsSync(join(install, 'node_modules', tool)), tool);
  });

  it('runs on every Node that is here, as somebody who may not write', async () => {
    for (const node of nodes()) {
      const run = (...args: string[]) =>
        spawnSync(node, [join(install, 'dist/main.js'), ...args], { cwd: install, encoding: 'utf8' });
      assert.equal(run('--version').stdout.trim(), version, node);
      const { status, stdout, stderr } = run('check', '-c', join(root, 'deploy/compose/sluice/gateway.yaml'));
      assert.equal(status, 0, `${node}: ${stdout}${stderr}`);
      await startAndProbe(node);
    }
  });

  /** Starts it as the image does, asks by the image's own health check, and ends it by SIGTERM. */
  const startAndProbe = async (node: string): Promise<void> => {
    const [port = 0, adminPort = 0] = await freePorts(2);
    const config = join(scratch, 'gateway.yaml');
    writeFileSync(config, `listen: { port: ${port} }\nadmin: { port: ${adminPort} }\nservers: {}\n`);
    const nobody = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {};
    spawnSync('chmod', ['-R', 'a+rX', scratch]);
    const program = spawn(node, [join(install, 'dist/main.js'), 'start', '-c', config], {
      ...nobody,
      cwd: '/',
      env: { PATH: process.env['PATH'], HOME: '/', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const exited = new Promise<number | null>((resolve) => program.once('exit', resolve));
    const started = new Promise<void>((resolve) => {
      for (const stream of [program.stdout, program.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          said += chunk;
          if (said.includes(`:${port}/mcp`)) resolve();
        });
    });
    try {
      await within(20_000, 'the start of the gateway', Promise.race([started, exited]));
      const health = argumentsOf('image', 'HEALTHCHECK')[0]?.replace(/^.*? CMD /, '') ?? '';
      const [command, ...args] = JSON.parse(health.replace(':8081', `:${adminPort}`)) as string[];
      assert.equal(command, 'node');
      assert.equal(spawnSync(node, args).status, 0, said);
      program.kill('SIGTERM');
      assert.equal(await within(20_000, 'the end of the gateway', exited), 0, said);
      assert.equal(spawnSync(node, args).status, 1, 'nobody answers any more');
    } finally {
      program.kill('SIGKILL');
    }
  };
});
