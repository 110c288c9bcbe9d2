/** Real clients of both eras, whose users are asked to let the gateway use a server in their names. */
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { PageBrowser } from '../../support/pageBrowser.js';
import { startPersonal, type Personal } from '../../support/startPersonal.js';

const echoed = [{ type: 'text', text: '{"a":1}' }];
const call = { name: 'crm_echo', arguments: { a: 1 } };

for (const era of ['modern', 'legacy'] as const)
  describe(`a ${era} server that each person lets the gateway use`, function () {
    this.timeout(20_000);
    let place: Personal;
    const clients: { close(): Promise<void> }[] = [];

    before(async () => {
      place = await startPersonal({ era });
    });
    after(async () => {
      await place.close();
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) await client.close();
    });

    const headersOf = async (person: string) => ({
      requestInit: { headers: { authorization: `Bearer ${await place.token(person)}` } },
    });

    it('a client of 2026-07-28 is asked, opens the page, and its call goes on by itself', async () => {
      const browser = new PageBrowser('ann');
      const client = new Client(
        { name: 'test', version: '1' },
        {
          capabilities: { elicitation: { url: {} } },
          versionNegotiation: { mode: { pin: '2026-07-28' } },
        },
      );
      clients.push(client);
      const pages: string[] = [];
      client.setRequestHandler('elicitation/create', ({ params }) => {
        assert.equal(params.mode, 'url');
        pages.push('url' in params ? params.url : '');
        // The person is slower than the client, which only knows that the page was opened.
        void browser.connect(pages.at(-1) ?? '');
        return { action: 'accept' as const };
      });
      await client.connect(new StreamableHTTPClientTransport(new URL(place.url), await headersOf('ann')));
      const { content } = await client.callTool(call);
      assert.deepEqual(content, echoed);
      assert.equal(pages.length, 1);
      assert.ok(pages[0]?.startsWith(`${new URL(place.url).origin}/connect/`));
      assert.deepEqual((await client.callTool(call)).content, echoed);
      assert.equal(pages.length, 1, 'asked once');
    });

    it('a client of 2025-11-25 is told what to open, and when it is done', async () => {
      const browser = new PageBrowser('bob');
      const client = new ClientV1(
        { name: 'test', version: '1' },
        { capabilities: { elicitation: { form: {}, url: {} } } },
      );
      clients.push(client);
      const done = new Promise<string>((resolve) => {
        client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) =>
          resolve(params.elicitationId),
        );
      });
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' }));
      await client.connect(new TransportV1(new URL(place.url), await headersOf('bob')));
      const error = await client.callTool(call).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof UrlElicitationRequiredError, String(error));
      const [elicitation] = error.elicitations;
      assert.equal(error.elicitations.length, 1);
      const { page } = await browser.connect(elicitation?.url ?? '');
      assert.match(page, /<h1>Connected<\/h1>/);
      assert.equal(await done, elicitation?.elicitationId);
      assert.deepEqual((await client.callTool(call)).content, echoed);
    });

    it('a client that can open no page is told where it is', async () => {
      const client = new ClientV1({ name: 'test', version: '1' });
      clients.push(client);
      await client.connect(new TransportV1(new URL(place.url), await headersOf('cleo')));
      const error = await client.callTool(call).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      const [, url = ''] =
        /you have not agreed to it yet.*: open (\S+) in a browser/.exec(error?.message ?? '') ?? [];
      assert.match((await new PageBrowser('cleo').connect(url)).page, /<h1>Connected<\/h1>/);
      assert.deepEqual((await client.callTool(call)).content, echoed);
    });

    it('each person has a token of its own', () => {
      const back = `${new URL(place.url).origin}/connect/agreed/crm`;
      const asked = place.as.authorizations.filter((each) => each.get('redirect_uri') === back);
      assert.equal(asked.length, 3);
      assert.deepEqual(
        asked.map((each) => each.get('resource')),
        Array.from({ length: 3 }, () => place.guard.url),
      );
      // Theirs, and the gateway's own for its lists.
      assert.equal(new Set(place.shown.filter((token) => token !== '')).size, 4);
    });
  });
