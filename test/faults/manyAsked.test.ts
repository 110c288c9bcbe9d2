import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { ask } from '../support/ask.js';
import { inGroups } from '../support/inGroups.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

/** More than a pool of connections would commonly hold. */
const many = 300;

describe('very many calls whose clients are asked at the same time', function () {
  this.timeout(60_000);
  let server: EverythingServer;
  let gateway: RunningGateway;

  before(async () => {
    server = await startEverythingServer({ era: 'legacy' });
    gateway = await startGateway(`  a: { url: "${server.url}", prefix: "" }`);
  });
  after(async () => {
    await gateway.close();
    await server.close();
  });

  const call = async (round: Record<string, unknown> = {}) => {
    const params = { name: 'test_elicitation', arguments: { message: 'Who?' }, ...round };
    const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    const { result, error } = responseOf(
      await ask(gateway.port, modernRequest('tools/call', params, { meta }), 20_000),
    );
    assert.ok(result, JSON.stringify(error));
    return result;
  };

  it('all wait, the server answers others meanwhile, and every answer gets through', async () => {
    const waiting = await inGroups(Array.from({ length: many }), () => call());
    const simple = await modernCall(gateway.port, 'test_simple_text');
    assert.equal(simple.error, undefined);
    const answered = await inGroups(waiting, ({ inputRequests, requestState }) => {
      const [key = ''] = Object.keys(inputRequests as object);
      const content = { username: 'ada', email: 'ada@example.org' };
      return call({ inputResponses: { [key]: { action: 'accept', content } }, requestState });
    });
    assert.deepEqual(
      answered.map(({ resultType }) => resultType),
      Array.from({ length: many }, () => 'complete'),
    );
  });
});
