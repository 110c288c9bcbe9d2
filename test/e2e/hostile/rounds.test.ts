import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf, type SeenMessage } from '../../support/messagesOf.js';
import { commonTools } from '../../support/mcpTools.js';
import { modernRequest } from '../../support/modern.js';
import { openLegacySession, type LegacySession } from '../../support/openLegacySession.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

const round = 'input_required';
const done = { content: [{ type: 'text', text: 'done' }] };

/** What is no round of a call, although it says so. */
const noRounds: readonly Readonly<Record<string, unknown>>[] = [
  { ...done, resultType: round },
  { ...done, resultType: round, inputRequests: {} },
  { ...done, resultType: round, inputRequests: [] },
  { ...done, resultType: round, inputRequests: 'all' },
  { ...done, resultType: round, inputRequests: [], requestState: 's' },
  { ...done, resultType: round, inputRequests: { a: null }, requestState: 's' },
  { ...done, resultType: round, requestState: 5 },
  { ...done, resultType: round, inputRequests: { a: { method: 'roots/list' } }, requestState: null },
];

describe('A server that plays with rounds', () => {
  const answering = {
    ...commonTools,
    say: (call) => call.reply(call.arguments['result'] as Record<string, unknown>),
    fail: (call) => {
      const { code } = call.arguments;
      const error = { code, message: 'its own words' };
      call.response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: call.id, error }));
    },
  } satisfies typeof commonTools;
  const backends: McpBackend[] = [];
  let gateway: RunningGateway;
  let session: LegacySession;

  before(async () => {
    for (const era of ['legacy', 'modern'] as const)
      backends.push(await startMcpBackend({ era, tools: answering }));
    const [old, fresh] = backends;
    gateway = await startGateway(`  old: { url: '${old!.url}' }\n  fresh: { url: '${fresh!.url}' }`);
    session = await openLegacySession(gateway.port);
  });
  after(async () => {
    await gateway.close();
    await Promise.all(backends.map((backend) => backend.close()));
  });

  const every = { roots: {}, elicitation: {}, sampling: {} };
  const asModern = (name: string, args: object) =>
    ask(
      gateway.port,
      modernRequest(
        'tools/call',
        { name, arguments: args },
        { meta: { 'io.modelcontextprotocol/clientCapabilities': every } },
      ),
    );
  const clients = {
    legacy: (name: string, args: object): Promise<SeenMessage> => session.call(name, { ...args }),
    modern: async (name: string, args: object) => responseOf(await asModern(name, args)),
  };

  for (const era of ['legacy', 'modern'] as const) {
    const call = clients[era];
    for (const result of noRounds) {
      const what = JSON.stringify({ ...result, content: undefined });
      it(`of the 2025 era by ${what} means nothing to a ${era} client, and is called once`, async () => {
        const before = backends[0]!.calls;
        const { result: seen, error } = await call('old_say', { result });
        assert.equal(error, undefined);
        assert.deepEqual(seen!.content, done.content);
        assert.equal(seen!['resultType'], era === 'modern' ? 'complete' : undefined);
        assert.deepEqual(['inputRequests' in seen!, 'requestState' in seen!], [false, false]);
        assert.equal(backends[0]!.calls - before, 1);
      });

      it(`of the 2026 era by ${what} fails towards a ${era} client, and is called once`, async () => {
        const before = backends[1]!.calls;
        const { error } = await call('fresh_say', { result });
        assert.equal(error?.code, -32603);
        assert.match(error.message, /asked for input/);
        assert.equal(backends[1]!.calls - before, 1);
      });
    }

    it(`never lets a ${era} client see state that is not sealed`, async () => {
      const { result } = await call('fresh_say', {
        result: { ...done, resultType: 'complete', requestState: 'SECRET' },
      });
      assert.deepEqual(result!.content, done.content);
      assert.equal('requestState' in result!, false);
    });

    for (const code of [-32020, -32021, -32022])
      it(`of the 2025 era by its own ${code} does not blame a ${era} client's headers`, async () => {
        const { error } = await call('old_fail', { code });
        assert.deepEqual([error?.code, error?.message], [-32603, 'its own words']);
      });
  }

  it('of the 2025 era by its own -32020 leaves status 200', async () => {
    assert.equal((await asModern('old_fail', { code: -32020 })).status, 200);
  });

  it('of the 2026 era may say -32021 by right', async () => {
    const answer = await asModern('fresh_fail', { code: -32021 });
    assert.deepEqual([answer.status, responseOf(answer).error?.code], [400, -32021]);
  });
});
