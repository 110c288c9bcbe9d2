/** Somebody who works for two tenants has nothing of the one while he works for the other. */
import assert from 'node:assert/strict';
import { startEverythingServer } from '../../fixtures/everythingServer/startEverythingServer.js';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { startGateway } from '../../support/startGateway.js';
import { startIssuer } from '../../support/startIssuer.js';
import { openSession } from './speakers.js';

const base = 'https://gw.example';

describe('one user with tokens for two tenants', () => {
  it('has sessions and sealed state of each where they were made', async () => {
    const [issuer, server] = [await startIssuer(), await startEverythingServer()];
    const gateway = await startGateway(
      `  a: { url: "${server.url}" }
auth: { jwt: { issuers: [{ issuer: "${issuer.url}" }] } }
tenants: { acme: {}, bank: {} }`,
      { listen: `, public_url: ${base}` },
    );
    try {
      const as = async (tenant: string) => ({
        authorization: `Bearer ${await issuer.token(`${base}/mcp`, { sub: 'ann', tenant })}`,
      });
      const [acme, bank] = [await as('acme'), await as('bank')];
      const session = await openSession(gateway.port, acme);
      const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
      assert.equal((await ask(gateway.port, { headers: session, body: ping })).status, 200);
      assert.equal((await ask(gateway.port, { headers: { ...session, ...bank }, body: ping })).status, 404);

      const call = (headers: Record<string, string>, more: object = {}) =>
        modernRequest(
          'tools/call',
          { name: 'a_test_input_required_result_request_state', arguments: {}, ...more },
          { headers, meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } } },
        );
      const { result } = responseOf(await ask(gateway.port, call(acme)));
      const round = {
        requestState: result?.['requestState'],
        inputResponses: { confirm: { action: 'accept', content: { ok: true } } },
      };
      assert.equal(typeof round.requestState, 'string');
      assert.equal(responseOf(await ask(gateway.port, call(bank, round))).error?.code, -32602);
      assert.equal(
        responseOf(await ask(gateway.port, call(acme, round))).result?.content?.[0]?.text,
        'state-ok',
      );
    } finally {
      await gateway.close();
      await Promise.all([issuer.close(), server.close()]);
    }
  });
});
