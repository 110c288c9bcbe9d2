import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { stdioBackend } from '../../../src/sources/backends/stdio/stdioBackend.js';
import type { Backend } from '../../../src/streams/backend.js';
import { silent } from '../../../src/streams/log.js';
import { backendCall, repliesOf, textOf } from '../mcp/backendCall.js';

const require = createRequire(import.meta.url);

describe('stdioBackend with the official servers', function () {
  this.timeout(20_000);
  let backend: Backend;

  const start = (server: string, ...args: readonly string[]): void => {
    const entry = require.resolve(`@modelcontextprotocol/${server}/dist/index.js`);
    backend = stdioBackend({
      name: server,
      command: process.execPath,
      args: [entry, ...args],
      env: {},
      cwd: process.cwd(),
      protocol: 'auto',
      log: silent,
      clientInfo: { name: 'sluice-test', version: '0.0.0' },
    });
  };
  afterEach(() => backend.close(0));

  it('speaks with server-everything', async () => {
    start('server-everything', 'stdio');
    const offer = await lastValueFrom(backend.offer());
    assert.equal(offer.serverInfo?.name, 'mcp-servers/everything');
    assert.ok(offer.tools.length > 5 && offer.resources.length > 0 && offer.prompts.length > 0);
    const params = { name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } };
    const replies = await repliesOf(backend, backendCall('', { params, progress: true }));
    assert.deepEqual(
      replies.map(({ kind }) => kind),
      ['notification', 'notification', 'notification', 'result'],
    );
  });

  it('speaks with server-filesystem', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-stdio-'));
    await writeFile(join(folder, 'hello.txt'), 'grüezi');
    start('server-filesystem', folder);
    const offer = await lastValueFrom(backend.offer());
    assert.ok(offer.tools.some(({ name }) => name === 'read_text_file'));
    const params = { name: 'read_text_file', arguments: { path: join(folder, 'hello.txt') } };
    const replies = await repliesOf(backend, backendCall('', { params }));
    await rm(folder, { recursive: true });
    assert.equal(textOf(replies.at(-1)), 'grüezi');
  });
});
