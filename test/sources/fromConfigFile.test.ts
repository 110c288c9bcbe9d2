import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subscription } from 'rxjs';
import { ConfigError } from '../../src/config/configError.js';
import type { Settings } from '../../src/config/settings.js';
import { fromConfigFile, type FromConfigFileOptions } from '../../src/sources/fromConfigFile.js';
import { silent } from '../../src/streams/log.js';
import { within } from '../support/within.js';

const withServer = (name: string): string => `servers: { ${name}: { url: http://h } }\n`;

/** A subscription whose emissions, log lines and end can be awaited, in the order they come. */
const follow = (file: string, options: Partial<FromConfigFileOptions> = {}) => {
  const seen: unknown[] = [];
  let keys: readonly string[] = [];
  const events = new EventEmitter();
  const note = (what: unknown): void => {
    seen.push(what);
    events.emit('seen');
  };
  const log = {
    ...silent,
    error: (fields: Readonly<Record<string, unknown>>, message: string) => note({ fields, message }),
    info: (fields: Readonly<Record<string, unknown>>) => note(fields['event']),
  };
  const subscription: Subscription = fromConfigFile(file, {
    env: {},
    log,
    name: 'g.yaml',
    settleMs: 20,
    pollMs: 60_000,
    ...options,
  }).subscribe({
    next: ({ servers, state }: Settings) => {
      keys = state.keys.map((key) => Buffer.from(key.reveal()).toString('hex'));
      note(servers.map(({ name }) => name).join());
    },
    error: (error: unknown) => note(error),
    complete: () => note('complete'),
  });
  let taken = 0;
  return {
    /** The next thing that happens. */
    next: async (): Promise<unknown> => {
      while (seen.length <= taken) await once(events, 'seen');
      return seen[taken++];
    },
    /** What happened that nobody took. */
    rest: () => seen.slice(taken),
    keysNow: () => keys,
    stop: () => subscription.unsubscribe(),
  };
};

describe('sources/fromConfigFile', () => {
  let folder: string;
  let file: string;
  let feed: ReturnType<typeof follow> | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    file = join(folder, 'gateway.yaml');
    await writeFile(file, withServer('one'));
  });
  afterEach(async () => {
    feed?.stop();
    await rm(folder, { recursive: true });
  });

  const start = async (options: Partial<FromConfigFileOptions> = {}): Promise<ReturnType<typeof follow>> => {
    feed = follow(file, options);
    assert.equal(await feed.next(), 'one');
    return feed;
  };

  it('emits the settings, and again after an edit', async () => {
    const { next } = await start();
    await writeFile(file, withServer('two'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'two');
  });

  it('reports a bad edit with all that is wrong, emits nothing, and recovers with the next good one', async () => {
    const { next, rest } = await start();
    await writeFile(file, 'servres: {}\nlog: { level: loud }\n');
    const { fields, message } = (await next()) as { fields: Record<string, unknown>; message: string };
    assert.equal(fields['event'], 'config_rejected');
    assert.deepEqual(
      (fields['diagnostics'] as { line: number }[]).map(({ line }) => line),
      [1, 2],
    );
    assert.match(message, /^g\.yaml:1:1: `servres` is not a known key/);
    assert.match(message, /stays in force\.$/);
    assert.deepEqual(rest(), []);
    await writeFile(file, withServer('three'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'three');
  });

  it('emits nothing for a bad edit that is taken back', async () => {
    const { next, rest } = await start();
    await writeFile(file, 'x');
    await next();
    await writeFile(file, withServer('one'));
    assert.equal(await next(), 'config_restored');
    await writeFile(file, withServer('two'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'two');
    assert.deepEqual(rest(), []);
  });

  it('emits nothing when the content is the same, or another file changes', async () => {
    const { next } = await start();
    await writeFile(file, withServer('one'));
    await writeFile(join(folder, 'other.yaml'), 'x');
    // The next real change is the next thing that happens.
    await writeFile(file, withServer('two'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'two');
  });

  it('follows a file that is replaced by renaming, as editors do', async () => {
    const { next } = await start();
    for (const name of ['two', 'three']) {
      await writeFile(join(folder, '.gateway.yaml.swp'), withServer(name));
      await rename(join(folder, '.gateway.yaml.swp'), file);
      assert.equal(await next(), 'config_loaded');
      assert.equal(await next(), name);
    }
  });

  it('follows a link that is swapped beside it, as Kubernetes does', async () => {
    await mkdir(join(folder, 'v1'));
    await mkdir(join(folder, 'v2'));
    await writeFile(join(folder, 'v1', 'gateway.yaml'), withServer('one'));
    await writeFile(join(folder, 'v2', 'gateway.yaml'), withServer('two'));
    await symlink('v1', join(folder, '..data'));
    await unlink(file);
    await symlink(join('..data', 'gateway.yaml'), file);
    const { next } = await start();
    await symlink('v2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'two');
  });

  it('keeps the last good one while the file is gone, and takes it up when it is back', async () => {
    const { next } = await start();
    await unlink(file);
    const { message } = (await next()) as { message: string };
    assert.match(message, /^g\.yaml:1:1: The file does not exist\. Check the path/);
    await writeFile(file, withServer('two'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'two');
  });

  it('finds changes that nobody announces by looking now and then', async () => {
    // The folder watched is the link's, and nothing changes there.
    await mkdir(join(folder, 'elsewhere'));
    const target = join(folder, 'elsewhere', 'real.yaml');
    await writeFile(target, withServer('one'));
    await unlink(file);
    await symlink(target, file);
    const { next } = await start({ pollMs: 20 });
    await writeFile(target, withServer('second'));
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'second');
  });

  it('takes an edit up while something else is written in its folder all the time', async () => {
    // Were the folder's every event the file's, it would never be quiet for as long as it takes to settle.
    const { next } = await start({ settleMs: 200 });
    const noise = setInterval(() => appendFileSync(join(folder, 'access.log'), 'GET /\n'), 20);
    try {
      await writeFile(file, withServer('two'));
      assert.equal(await within(2000, 'taking up an edit', next()), 'config_loaded');
      assert.equal(await next(), 'two');
    } finally {
      clearInterval(noise);
    }
  });

  it('is read again when the file of its keys changes, and keeps the last good keys', async () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    const keys = join(folder, 'state.keys');
    await writeFile(keys, a);
    await writeFile(file, `state: { keys_file: state.keys }\n${withServer('one')}`);
    const { next, rest, keysNow } = await start({ pollMs: 10 });
    assert.deepEqual(keysNow(), [a]);
    await writeFile(keys, `${b}\n${a}\n`);
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'one');
    assert.deepEqual(keysNow(), [b, a]);
    await writeFile(keys, 'short');
    const { message } = (await next()) as { message: string };
    assert.match(message, /g\.yaml:1:\d+: Key 1 is no secret/);
    assert.ok(!message.includes('short'));
    assert.deepEqual(rest(), []);
    await writeFile(keys, `${b}\n`);
    assert.equal(await next(), 'config_loaded');
    assert.equal(await next(), 'one');
    assert.deepEqual(keysNow(), [b]);
  });

  it('errors when the first reading fails: bad content, or no file', async () => {
    await writeFile(file, 'servres: {}');
    feed = follow(file);
    const bad = await feed.next();
    assert.ok(bad instanceof ConfigError);
    assert.equal(bad.diagnostics[0]?.path, 'servres');
    feed = follow(join(folder, 'no', 'such.yaml'));
    const gone = await feed.next();
    assert.ok(gone instanceof ConfigError);
    assert.match(gone.message, /does not exist/);
  });

  it('releases its watch when unsubscribed', async function () {
    // Only Linux lets a process count its own watches (/proc/self/fdinfo); the code under test is the same everywhere.
    if (process.platform !== 'linux') this.skip();
    const before = watches();
    const { stop } = await start();
    assert.equal(watches(), before + 1);
    stop();
    assert.equal(watches(), before);
  });

  it('each subscriber has a watch of its own and starts from the file', async () => {
    await start();
    await writeFile(file, withServer('two'));
    const second = follow(file);
    assert.equal(await second.next(), 'two');
    second.stop();
  });
});

/** How many folders this process watches, as the kernel counts. */
const watches = (): number =>
  readdirSync('/proc/self/fdinfo')
    .map((fd) => {
      try {
        return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').split('inotify wd:').length - 1;
      } catch {
        return 0; // The descriptor that listed the folder is closed by now.
      }
    })
    .reduce((sum, count) => sum + count, 0);
