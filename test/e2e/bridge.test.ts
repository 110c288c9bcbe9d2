import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { ask } from '../support/ask.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

interface Connected {
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

/** What a client's user does when asked. */
type Elicited = (message: string) => {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, string | boolean>;
};

const answers: Elicited = (message) => ({
  action: 'accept',
  content: {
    ...(/name and|who/i.test(message) ? { username: 'ada', email: 'ada@example.org' } : undefined),
    ...(/name\?/.test(message) ? { name: 'Ada' } : undefined),
    ...(/color/.test(message) ? { color: 'green' } : undefined),
    ...(/confirm/.test(message) ? { ok: true } : undefined),
  },
});
const sampled = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' } as const;
const roots = { roots: [{ uri: 'file:///home/ada', name: 'home' }] };
const capable = { elicitation: {}, sampling: {}, roots: {} };
const info = { name: 'test', version: '1' };

const connectV1 = async (url: string, elicited: Elicited, capabilities = capable): Promise<Connected> => {
  const client = new ClientV1(info, { capabilities });
  if ('elicitation' in capabilities) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params.message));
    client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
    client.setRequestHandler(ListRootsRequestSchema, () => roots);
  }
  await client.connect(new TransportV1(new URL(url)));
  return client;
};

const connectV2 =
  (mode: 'auto' | 'legacy' | { pin: string }) =>
  async (url: string, elicited: Elicited, capabilities = capable): Promise<Connected> => {
    const client = new ClientV2(info, { capabilities, versionNegotiation: { mode } });
    if ('elicitation' in capabilities) {
      client.setRequestHandler('elicitation/create', ({ params }) => elicited(params.message));
      client.setRequestHandler('sampling/createMessage', () => sampled);
      client.setRequestHandler('roots/list', () => roots);
    }
    await client.connect(new TransportV2(new URL(url)));
    return client;
  };

const clients = {
  v1: connectV1,
  'v2, legacy': connectV2('legacy'),
  'v2, pinned to 2026-07-28': connectV2({ pin: '2026-07-28' }),
  'v2, auto': connectV2('auto'),
};

describe('servers that ask, clients that answer, in all pairs of eras', function () {
  this.timeout(10_000);
  let servers: EverythingServer[] = [];
  let gateway: RunningGateway;

  before(async () => {
    servers = await Promise.all(
      (['modern', 'legacy', 'dual', 'sse'] as const).map((era) => startEverythingServer({ era })),
    );
    const [modern, legacy, dual, sse] = servers.map(({ url }) => url);
    gateway = await startGateway(
      `  modern: { url: "${modern}" }\n  legacy: { url: "${legacy}" }\n  dual: { url: "${dual}" }\n  sse: { url: "${sse}" }`,
    );
  });
  after(async () => {
    await gateway.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  for (const [what, connect] of Object.entries(clients))
    for (const era of ['modern', 'legacy', 'dual', 'sse'] as const)
      describe(`client ${what}, server ${era}`, () => {
        const call = async (name: string, args?: Record<string, unknown>, elicited = answers) => {
          const client = await connect(gateway.url, elicited);
          try {
            const tool = `${era}_test_${name}`;
            return JSON.stringify(await client.callTool({ name: tool, ...(args && { arguments: args }) }));
          } finally {
            await client.close();
          }
        };

        it('is asked for a form, and may decline or cancel it', async () => {
          assert.match(await call('elicitation', { message: 'who are you?' }), /action=accept, .*ada/);
          for (const action of ['decline', 'cancel'] as const)
            assert.match(
              await call('elicitation', { message: 'who?' }, () => ({ action })),
              new RegExp(`action=${action}`),
            );
        });

        it('is asked for what a model says', async () =>
          assert.match(await call('sampling', { prompt: 'capital?' }), /LLM response: Paris/));

        it('is asked for its roots', async () =>
          assert.match(await call('input_required_result_list_roots'), /Roots: file:\/\/\/home\/ada/));

        it('is asked several things at once, with a state that is kept', async () =>
          assert.match(await call('input_required_result_multiple_inputs'), /Ada: Paris \(1 roots\)/));

        it('is asked one thing after the other', async () =>
          assert.match(await call('input_required_result_multi_round'), /Ada likes green/));

        it('is told what is missing when it can not answer', async () => {
          const client = await connect(gateway.url, answers, {} as typeof capable);
          const called = client.callTool({ name: `${era}_test_missing_capability` });
          const said = await called.then(
            (value) => JSON.stringify(value),
            (error: unknown) => String(error),
          );
          assert.match(said, /capabilit|not support|can ?not/i);
          await client.close();
        });
      });

  const elicitation = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
  const send = async (
    era: string,
    more: Readonly<Record<string, unknown>> = {},
    message = 'who?',
  ): Promise<SeenMessage> =>
    responseOf(
      await ask(
        gateway.port,
        modernRequest(
          'tools/call',
          { name: `${era}_test_elicitation`, arguments: { message }, ...more },
          { meta: elicitation },
        ),
      ),
    );
  const given = (asked: SeenMessage) => {
    const [key = ''] = Object.keys(asked.result?.['inputRequests'] ?? {});
    const content = { username: 'ada', email: 'ada@example.org' };
    return {
      inputResponses: { [key]: { action: 'accept', content } },
      requestState: asked.result?.['requestState'],
    };
  };

  for (const era of ['modern', 'legacy', 'sse'] as const)
    it(`a modern client without the capability gets 400 and -32021 with what is missing: server ${era}`, async () => {
      const request = modernRequest('tools/call', { name: `${era}_test_missing_capability`, arguments: {} });
      const answer = await ask(gateway.port, request);
      const { error } = responseOf(answer);
      if (era === 'modern')
        assert.deepEqual(
          [answer.status, error?.code, error?.data],
          [400, -32021, { requiredCapabilities: { sampling: {} } }],
        );
      else assert.ok(error !== undefined || responseOf(answer).result?.isError === true);
    });

  it('a parked call is answered once, for its own arguments, and by its own state only', async () => {
    const [first, second] = await Promise.all([send('legacy'), send('legacy')]);
    assert.equal(first.result?.['resultType'], 'input_required');
    const retry = given(first);
    assert.equal((await send('legacy', retry, 'other arguments')).error?.code, -32602);
    const altered = { ...retry, requestState: `${String(retry.requestState).slice(0, -2)}AA` };
    assert.equal((await send('legacy', altered)).error?.code, -32602);
    assert.equal((await send('modern', retry)).error?.code, -32602);
    assert.match(JSON.stringify(await send('legacy', retry)), /action=accept/);
    assert.equal((await send('legacy', retry)).error?.code, -32602);
    assert.match(JSON.stringify(await send('legacy', given(second))), /action=accept/);
  });

  it('a retry without the answer is asked again, and goes on from there', async () => {
    const first = await send('legacy');
    const again = await send('legacy', { ...given(first), inputResponses: {} });
    assert.equal(again.result?.['resultType'], 'input_required');
    assert.match(JSON.stringify(await send('legacy', given(again))), /action=accept/);
  });
});
