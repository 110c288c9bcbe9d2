import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, lastValueFrom, Subject } from 'rxjs';
import { stdioBackend, type StdioBackendOptions } from '../../../src/sources/backends/stdio/stdioBackend.js';
import type { Backend } from '../../../src/streams/backend.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { valve } from '../../../src/streams/valve.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from '../mcp/backendCall.js';

const script = fileURLToPath(new URL('scriptedChild.mjs', import.meta.url));

interface Facts {
  readonly pid: number;
  readonly grandchild?: number;
  readonly env: readonly string[];
  readonly cwd: string;
  readonly told: readonly { id?: unknown; method?: string; params?: Record<string, unknown> }[];
}

/** Whether a process runs. One that has ended may still be listed for a while, until its new parent has taken note. */
const lives = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
};

describe('stdioBackend', () => {
  const open: Backend[] = [];
  const start = (args: readonly string[], overrides: Partial<StdioBackendOptions> = {}): Backend => {
    const backend = stdioBackend({
      name: 'test',
      command: process.execPath,
      args: [script, ...args],
      env: {},
      cwd: process.cwd(),
      protocol: 'auto',
      log: silent,
      clientInfo: { name: 'sluice-test', version: '0.0.0' },
      ...overrides,
    });
    open.push(backend);
    return backend;
  };
  const factsOf = async (backend: Backend): Promise<Facts> =>
    JSON.parse(textOf((await repliesOf(backend, backendCall('facts'))).at(-1))) as Facts;

  afterEach(() => Promise.all(open.splice(0).map((backend) => backend.close(0))));

  for (const [args, revision] of [
    [['legacy'], '2025-06-18'],
    [['modern'], '2026-07-28'],
    [['legacy', 'diesOnProbe'], '2025-06-18'],
    [['legacy', 'mute'], '2025-06-18'],
  ] as const)
    it(`finds out the era: ${args.join(', ')}`, async () => {
      const backend = start(args);
      const offer = await lastValueFrom(backend.offer());
      assert.equal(offer.revision, revision);
      assert.equal(offer.tools.length, 14);
      const { told } = await factsOf(backend);
      assert.equal(
        told.some(({ method }) => method === 'notifications/initialized'),
        revision === '2025-06-18',
      );
    });

  for (const era of ['legacy', 'modern'] as const)
    it(`passes progress, logs and news of a ${era} server`, async () => {
      const backend = start([era]);
      const changed = firstValueFrom(backend.changed$);
      const replies = await repliesOf(backend, backendCall('progress', { progress: true, logLevel: 'info' }));
      assert.deepEqual(
        replies.map((reply) => (reply.kind === 'notification' ? reply.params : reply.kind)),
        [{ progress: 1 }, { progress: 2 }, { progress: 3 }, { level: 'error', data: 'log' }, 'result'],
      );
      await changed;
    });

  for (const era of ['legacy', 'modern'] as const)
    it(`watches a resource of a ${era} server, and lets go of it`, async () => {
      const backend = start([era]);
      await lastValueFrom(backend.offer());
      const heard: string[] = [];
      backend.updated$.subscribe((uri) => heard.push(uri));
      const began = new Subject<void>();
      const watch = backend.watch('doc:a').subscribe(began);
      await firstValueFrom(began);
      await repliesOf(
        backend,
        backendCall('update', { params: { name: 'update', arguments: { uri: 'doc:a' } } }),
      );
      assert.deepEqual(heard, ['doc:a']);
      watch.unsubscribe();
      const isOver = async () => {
        const { told } = await factsOf(backend);
        if (era === 'legacy') return told.some(({ method }) => method === 'resources/unsubscribe');
        const watching = told.find(
          ({ method, params }) =>
            method === 'subscriptions/listen' && JSON.stringify(params?.['notifications']).includes('doc:a'),
        );
        return told.some(
          ({ method, params }) =>
            method === 'notifications/cancelled' && params?.['requestId'] === watching?.id,
        );
      };
      await eventually(8000, 'the end of the watch', isOver);
    });

  it('fails a watch when the process ends', async () => {
    const backend = start(['legacy']);
    const failed = new Subject<unknown>();
    const began = new Subject<void>();
    backend.watch('doc:a').subscribe({ next: () => began.next(), error: (error) => failed.next(error) });
    await firstValueFrom(began);
    const failure = firstValueFrom(failed);
    await assert.rejects(repliesOf(backend, backendCall('exit')));
    assert.equal(((await failure) as { code: string }).code, 'ERR_UPSTREAM_UNREACHABLE');
  });

  it('gives the child a minimal environment, its working directory and nothing of ours', async () => {
    process.env['SLUICE_TEST_SECRET'] = 'x';
    const { env, cwd } = await factsOf(start(['legacy'], { env: { OWN: '1' }, cwd: tmpdir() }));
    delete process.env['SLUICE_TEST_SECRET'];
    assert.ok(env.includes('PATH') && env.includes('OWN'));
    assert.ok(!env.includes('SLUICE_TEST_SECRET') && !env.includes('npm_config_registry'));
    assert.notEqual(cwd, process.cwd());
  });

  it('tells the server when a call is abandoned', async () => {
    const backend = start(['legacy']);
    await factsOf(backend);
    backend.invoke(backendCall('hang')).subscribe().unsubscribe();
    const { told } = await factsOf(backend);
    const hung = told.find(({ params }) => params?.['name'] === 'hang');
    const cancel = told.find(({ method }) => method === 'notifications/cancelled');
    assert.deepEqual(cancel?.params, { requestId: hung?.id });
  });

  it('answers a ping, and refuses whatever else the server asks', async () => {
    const [reply] = await repliesOf(start(['legacy']), backendCall('asks'));
    const told = JSON.parse(textOf(reply)) as { id: unknown; result?: unknown; error?: { code: number } }[];
    assert.deepEqual(told.find(({ id }) => id === 'ping')?.result, {});
    assert.equal(told.find(({ id }) => id === 'roots')?.error?.code, -32601);
  });

  it('lives with a noisy stdout, and says so', async () => {
    const warned: string[] = [];
    const log: Log = { ...silent, warn: (_fields, message) => warned.push(message) };
    const [reply] = await repliesOf(start(['legacy', 'noisy'], { log }), backendCall('echo'));
    assert.equal(textOf(reply), '{}');
    assert.equal(warned.filter((message) => message.includes('stdout')).length, 3);
  });

  it('fails a call whose answer is too large, and that call alone', async () => {
    const backend = start(['legacy'], { maxMessageBytes: 100_000 });
    await factsOf(backend);
    const large = (bytes: number) =>
      repliesOf(backend, backendCall('', { params: { name: 'large', arguments: { bytes } } }));
    const other = repliesOf(backend, backendCall('asks'));
    await assert.rejects(large(1_000_000), { code: 'ERR_UPSTREAM_TOO_LARGE', message: /too large/ });
    assert.equal((await other).length, 1);
    assert.equal(textOf((await large(90_000))[0]).length, 90_000);
  });

  it('fails no call for what it tells, asks or puts inside of an answer that is too large and has a number of theirs', async () => {
    const backend = start(['legacy'], { maxMessageBytes: 100_000 });
    await factsOf(backend);
    const calls = ['asksLargely', 'tellsLargely', 'endsWithAnId'].map(async (name) => {
      const bytes = { name, arguments: { bytes: 1_000_000 } };
      return repliesOf(backend, backendCall('', { params: bytes })).then(
        (replies) => textOf(replies.at(-1)),
        (error: unknown) => (error as { readonly code?: unknown }).code,
      );
    });
    assert.deepEqual(await Promise.all(calls), ['done', 'done', 'ERR_UPSTREAM_TOO_LARGE']);
  });

  it('answers what it asks with too large a request, wherever its id stands', async () => {
    const backend = start(['legacy'], { maxMessageBytes: 100_000 });
    const params = { name: 'waitsLargely', arguments: { bytes: 1_000_000 } };
    const replies = await within(5000, 'the answers', repliesOf(backend, backendCall('', { params })));
    assert.deepEqual(JSON.parse(textOf(replies.at(-1))), [
      ['first', -32600],
      ['last', -32600],
      [77, -32600],
    ]);
  });

  it('leaves out notifications for a client that does not read, never the answer', async () => {
    const closed = valve();
    closed.pause();
    const replies = await repliesOf(
      start(['modern']),
      backendCall('flood', { progress: true, valve: closed }),
    );
    assert.equal(replies.length, 65);
    assert.equal(textOf(replies.at(-1)), 'done');
  });

  describe('when the child dies', () => {
    it('fails the calls under way at once and serves the next', async () => {
      const backend = start(['legacy']);
      const { pid } = await factsOf(backend);
      const calls = Array.from({ length: 50 }, () => repliesOf(backend, backendCall('hang')));
      const at = performance.now();
      const outcomes = Promise.allSettled(calls);
      process.kill(pid, 'SIGKILL');
      for (const outcome of await outcomes) {
        assert.equal(outcome.status, 'rejected');
        assert.equal(outcome.reason.code, 'ERR_UPSTREAM_FAILED');
      }
      assert.ok(performance.now() - at < 1000);
      const changed = firstValueFrom(backend.changed$);
      assert.notEqual((await factsOf(backend)).pid, pid);
      await changed;
    });

    it('asks the new one no question whose answer it knows', async () => {
      const backend = start(['legacy']);
      await factsOf(backend);
      await assert.rejects(repliesOf(backend, backendCall('exit')), { code: 'ERR_UPSTREAM_FAILED' });
      const { told } = await factsOf(backend);
      assert.equal(told[0]?.method, 'initialize');
    });

    it('says that it is unreachable when it can not be started', async () => {
      const command = start([], { command: '/no/such/program' });
      await assert.rejects(repliesOf(command, backendCall('a')), (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_UPSTREAM_UNREACHABLE');
        assert.doesNotMatch(error.message, /such/);
        return true;
      });
      const quits = start([], { args: ['-e', 'process.exit(1)'], protocol: 'legacy' });
      await assert.rejects(lastValueFrom(quits.offer()), { code: 'ERR_UPSTREAM_UNREACHABLE' });
    });
  });

  describe('close', () => {
    it('ends a child by closing its stdin', async () => {
      const backend = start(['legacy']);
      const { pid } = await factsOf(backend);
      await within(8000, 'the end', backend.close(0));
      assert.ok(!lives(pid));
      await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
    });

    it('kills a stubborn one, and children of children', async () => {
      const backend = start(['legacy', 'stubborn', 'parent']);
      const { pid, grandchild } = await factsOf(backend);
      assert.ok(grandchild !== undefined && lives(grandchild));
      await within(5000, 'the end', backend.close(0));
      assert.ok(!lives(pid));
      await eventually(8000, 'the end of the grandchild', () => !lives(grandchild));
    });

    it('lets calls finish, as long as it may', async () => {
      const backend = start(['legacy']);
      await factsOf(backend);
      const call = repliesOf(backend, backendCall('asks'));
      await backend.close(2000);
      assert.equal((await call).length, 1);
    });

    it('starts nothing for a backend that was never used', async () => {
      await within(100, 'the end', start(['legacy']).close(1000));
    });
  });

  it('takes the children along when the gateway process ends', async () => {
    const host = fork(fileURLToPath(new URL('hostProcess.ts', import.meta.url)), [script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [facts] = (await within(5000, 'the child', once(host, 'message'))) as [Facts];
    assert.ok(lives(facts.pid) && lives(facts.grandchild as number));
    const ended = once(host, 'exit');
    host.send('throw');
    await ended;
    await eventually(
      1000,
      'the end of the children',
      () => !lives(facts.pid) && !lives(facts.grandchild as number),
    );
  });
});
