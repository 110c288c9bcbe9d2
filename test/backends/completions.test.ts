import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { stdioBackend } from '../../src/sources/backends/stdio/stdioBackend.js';
import type { Backend, BackendCall, Completion } from '../../src/streams/backend.js';
import { silent } from '../../src/streams/log.js';
import { within } from '../support/within.js';
import { backendCall, repliesOf } from './mcp/backendCall.js';
import { connectMcp, disconnectAll } from './mcp/connectMcp.js';
import { legacyScript, legacyState } from './mcp/legacyScript.js';
import { scriptedServer, type Received } from './mcp/scriptedServer.js';
import { sseServer } from './mcp/sseServer.js';

/** A backend, and a way to make its server say that an elicitation is done, after a call has ended. */
interface Staged {
  readonly backend: Backend;
  say(elicitationId: unknown): unknown;
  close(): Promise<void>;
}

const complete = (elicitationId: unknown) => ({
  jsonrpc: '2.0',
  method: 'notifications/elicitation/complete',
  params: { elicitationId },
});
const offered = { tools: [], resources: [], resourceTemplates: [], prompts: [], content: [] };

const legacyHttp = async (): Promise<Staged> => {
  const state = legacyState();
  const streams: Received[] = [];
  const server = await scriptedServer((request) => {
    if (legacyScript(request, state, { tools: { listChanged: true } })) return;
    if (request.httpMethod !== 'GET') return request.result(offered);
    streams.push(request);
    request.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  });
  return {
    backend: connectMcp(server.url, { protocol: 'legacy' }),
    say: (id) => streams.at(-1)?.event(complete(id)),
    close: () => server.close(),
  };
};

const overSse = async (): Promise<Staged> => {
  const server = await sseServer({ message: (body, stream) => stream.result(body, offered) });
  return {
    backend: connectMcp(server.url, { protocol: 'sse' }),
    say: (id) => void server.streams.at(-1)?.say(complete(id)),
    close: () => server.close(),
  };
};

const onStdio = (): Promise<Staged> => {
  const backend = stdioBackend({
    name: 'test',
    command: process.execPath,
    args: [fileURLToPath(new URL('stdio/scriptedChild.mjs', import.meta.url)), 'legacy'],
    env: {},
    cwd: process.cwd(),
    protocol: 'legacy',
    log: silent,
    clientInfo: { name: 'sluice-test', version: '0.0.0' },
  });
  return Promise.resolve({
    backend,
    say(elicitationId) {
      const params = { name: 'completes', arguments: { elicitationId } };
      return repliesOf(backend, backendCall('', { params }));
    },
    close: () => backend.close(0),
  });
};

const askable: Partial<BackendCall> = { principalId: 'ada', capabilities: { elicitation: { url: {} } } };

/** How each kind of server is heard, and whose what it says is known to be. */
const kinds: Readonly<Record<string, [() => Promise<Staged>, string | undefined]>> = {
  'over HTTP': [legacyHttp, 'ada'],
  'over HTTP+SSE': [overSse, 'ada'],
  'on stdio': [onStdio, undefined],
};

describe('a legacy server that says outside of any call that an elicitation is done', () => {
  let staged: Staged;
  afterEach(async () => {
    await disconnectAll();
    await staged.close();
  });

  for (const [kind, [start, principalId]] of Object.entries(kinds))
    describe(kind, () => {
      beforeEach(async () => (staged = await start()));

      it(`is heard, and it is ${principalId === undefined ? 'not known whose that is' : 'known whose that is'}`, async () => {
        const { backend, say } = staged;
        const heard: Completion[] = [];
        const subscription = backend.completed$.subscribe((completion) => heard.push(completion));
        await repliesOf(backend, backendCall('echo', askable));
        const first = firstValueFrom(backend.completed$);
        // What is no id means nothing.
        const said = [7, undefined, 'e1'].map(say);
        await within(3000, 'the word', Promise.all([first, ...said]));
        assert.deepEqual(heard, [{ elicitationId: 'e1', principalId }]);
        subscription.unsubscribe();
      });

      it('is heard no more when it is closed', async () => {
        const { backend } = staged;
        await repliesOf(backend, backendCall('echo', askable));
        const over = lastValueFrom(backend.completed$, { defaultValue: 'over' });
        await backend.close(0);
        assert.equal(await within(3000, 'the end', over), 'over');
      });
    });

  it('is heard on the session that callers share, too', async () => {
    staged = await legacyHttp();
    const { backend, say } = staged;
    await within(3000, 'the watch', firstValueFrom(backend.watch('doc:a')));
    const first = firstValueFrom(backend.completed$);
    say('e1');
    assert.deepEqual(await within(3000, 'the word', first), { elicitationId: 'e1', principalId: undefined });
  });
});
