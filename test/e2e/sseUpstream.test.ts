import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { watchedResource } from '../fixtures/everythingServer/world.js';
import { eventually } from '../support/eventually.js';
import { modernCall } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startSseProcess } from '../support/startSseProcess.js';
import { within } from '../support/within.js';

type Elicited = (message: string) => Record<string, string>;

/** What the two clients have in common. */
interface Caller {
  call(name: string, args?: Record<string, unknown>, options?: Options): Promise<string>;
  close(): Promise<void>;
}
interface Options {
  readonly onprogress?: () => void;
  readonly signal?: AbortSignal;
}

const info = { name: 'test', version: '1' };
const capabilities = { elicitation: {} };
const nobody: Elicited = () => ({ username: 'nobody', email: 'no@example.org' });

const clients: Record<string, (url: string, elicited?: Elicited) => Promise<Caller>> = {
  async 'v1, 2025 era'(url, elicited = nobody) {
    const client = new ClientV1(info, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
      action: 'accept',
      content: elicited(params.message),
    }));
    await client.connect(new TransportV1(new URL(url)));
    return {
      call: async (name, args = {}, options = {}) =>
        JSON.stringify(await client.callTool({ name, arguments: args }, undefined, options)),
      close: () => client.close(),
    };
  },
  async 'v2, 2026 era'(url, elicited = nobody) {
    const client = new ClientV2(info, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
    client.setRequestHandler('elicitation/create', ({ params }) => ({
      action: 'accept',
      content: elicited(params.message),
    }));
    await client.connect(new TransportV2(new URL(url)));
    return {
      call: async (name, args = {}, options = {}) =>
        JSON.stringify(await client.callTool({ name, arguments: args }, options)),
      close: () => client.close(),
    };
  },
};

for (const [what, connect] of Object.entries(clients))
  describe(`A server over HTTP+SSE behind the gateway, client ${what}`, function () {
    this.timeout(30_000);
    let server: EverythingServer;
    let gateway: RunningGateway;
    let client: Caller;

    beforeEach(async () => {
      server = await startEverythingServer({ era: 'sse' });
      gateway = await startGateway(`  old: { url: '${server.url}', protocol: sse }`);
      client = await connect(gateway.url);
    });
    afterEach(async () => {
      await client.close();
      await gateway.close();
      await server.close();
    });

    it('asks each of many clients its own question', async () => {
      const asked = Array.from({ length: 12 }, async (_, index) => {
        const one = await connect(gateway.url, (message) => ({ username: message, email: 'a@example.org' }));
        const said = await one.call('old_test_elicitation', { message: `who is ${index}?` });
        assert.match(said, new RegExp(`who is ${index}\\?`));
        await one.close();
      });
      await within(20_000, 'the answers', Promise.all(asked));
    });

    it('asks a client each of the questions of its calls', async () => {
      const one = await connect(gateway.url, (message) => ({ username: message, email: 'a@example.org' }));
      const said = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          one.call('old_test_elicitation', { message: `what ${index}?` }),
        ),
      );
      for (const [index, text] of said.entries()) assert.match(text, new RegExp(`what ${index}\\?`));
      await one.close();
    });

    it('is told of a cancellation', async () => {
      const key = randomUUID();
      const leaving = new AbortController();
      const seen = new Promise<void>((resolve) => {
        client
          .call('old_test_hang', { key }, { onprogress: resolve, signal: leaving.signal })
          .catch(() => undefined);
      });
      await within(5000, 'progress', seen);
      leaving.abort();
      assert.match(
        await within(5000, 'the news', client.call('old_test_await_cancellation', { key })),
        /was cancelled/,
      );
    });

    it('leaves a clear error when its streams are cut, and serves the next call', async () => {
      let begin = (): void => undefined;
      const began = new Promise<void>((resolve) => (begin = resolve));
      const said = client.call('old_test_hang', { key: randomUUID() }, { onprogress: begin }).catch(String);
      await within(5000, 'progress', began);
      server.forgetSessions();
      const words = await within(5000, 'the failure', said);
      assert.match(words, /backend/);
      assert.doesNotMatch(words, /127\.0\.0\.1|ECONN/);
      assert.match(await client.call('old_test_simple_text'), /simple text/);
    });
  });

describe('A server over HTTP+SSE that is killed and started again', function () {
  this.timeout(60_000);

  it('fails what is under way, and is listed, called and watched again', async () => {
    const first = await startSseProcess();
    const gateway = await startGateway(`  old: { url: '${first.url}', protocol: sse }`);
    const client = new ClientV1(info, { capabilities: {} });
    let updates = 0;
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, () => void updates++);
    await client.connect(new TransportV1(new URL(gateway.url)));
    await client.subscribeResource({ uri: watchedResource });

    const calls = 20;
    let running = 0;
    const failing = Array.from({ length: calls }, () =>
      client.callTool({ name: 'old_test_hang', arguments: { key: randomUUID() } }, undefined, {
        onprogress: () => void running++,
      }),
    );
    const outcomes = Promise.allSettled(failing);
    await eventually(20_000, 'all under way', () => running === calls);
    await first.kill();
    for (const outcome of await within(10_000, 'the end of the calls', outcomes)) {
      assert.equal(outcome.status, 'rejected');
      const said = String(outcome.reason);
      assert.match(said, /backend/);
      assert.doesNotMatch(said, /127\.0\.0\.1|ECONN/);
    }
    const away = await modernCall(gateway.port, 'old_test_simple_text', {});
    assert.match(away.error?.message ?? '', /can not be reached/);

    const second = await startSseProcess(first.port);
    const back = await modernCall(gateway.port, 'old_test_simple_text', {});
    assert.equal(back.error, undefined, JSON.stringify(back));
    // The watch is taken up again by itself; meanwhile anything may have changed, which is told.
    await eventually(20_000, 'an update', () => updates > 0);
    const before = updates;
    await client.callTool({ name: 'old_test_trigger_resource_update' });
    await eventually(5000, 'the next', () => updates > before);
    await client.close();
    await gateway.close();
    await second.kill();
  });
});
