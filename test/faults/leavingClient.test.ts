import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { text, type ToolCall } from '../support/mcpTools.js';
import { within } from '../support/within.js';

/** The promise: from the client's leaving, or its word, to the backend's knowledge. Milliseconds. */
const promised = 100;

for (const era of ['modern', 'legacy'] as const)
  describe(`A client that leaves a call of a ${era} server`, function () {
    // It is milliseconds that are judged here, on a machine that may be busy with something else.
    this.retries(2);

    let backend: McpBackend;
    let gateway: RunningGateway;

    before(async () => {
      backend = await startMcpBackend({ era });
      gateway = await startGateway(`  back: { url: "${backend.url}" }`);
    });
    after(async () => {
      await gateway.close();
      await backend.close();
    });

    /** How a backend of this era learns that nobody wants its answer: the connection ends, or it is told. */
    const learns = (call: ToolCall): Promise<number> => (era === 'modern' ? call.abandoned : call.cancelled);

    it(`cancels it within ${promised} ms in the 2026 era`, async () => {
      const connection = await openRaw(gateway.port);
      const hang = modernRequest('tools/call', { name: 'back_hang', arguments: {} });
      connection.write(requestBytes(gateway.port, hang));
      const call = await backend.nextCall('hang');
      const leftAt = performance.now();
      connection.destroy();
      const ms = (await within(8000, 'the cancellation', learns(call))) - leftAt;
      assert.ok(ms < promised, `it took ${ms} ms`);
    });

    it('cancels a stream it was reading, too', async () => {
      const connection = await openRaw(gateway.port);
      const flood = modernRequest(
        'tools/call',
        { name: 'back_flood', arguments: { bytes: 2 ** 40 } },
        { meta: { progressToken: 1 } },
      );
      connection.write(requestBytes(gateway.port, flood));
      const call = await backend.nextCall('flood');
      await connection.seen('notifications/progress');
      const leftAt = performance.now();
      connection.destroy();
      const ms = (await within(8000, 'the end', Promise.race([learns(call), call.abandoned]))) - leftAt;
      assert.ok(ms < promised, `it took ${ms} ms`);
      call.response.destroy();
    });

    it('does not cancel it in the 2025 era by leaving', async () => {
      const session = await openLegacySession(gateway.port);
      const connection = await openRaw(gateway.port);
      connection.write(
        requestBytes(gateway.port, session.request('tools/call', { name: 'back_hang', arguments: {} })),
      );
      const call = await backend.nextCall('hang');
      let learned = false;
      void learns(call).then(() => (learned = true));
      connection.destroy();
      // Two other calls go all the way meanwhile: had leaving been cancelling, it would have happened before they are answered.
      for (const n of [1, 2])
        assert.equal((await session.call('back_echo', { n })).result?.content?.[0]?.text, `{"n":${n}}`);
      assert.equal(learned, false);
      call.reply(text('for nobody'));
      await eventually(8000, 'the end of the call', () => call.response.writableFinished);
    });

    it(`cancels it within ${promised} ms of notifications/cancelled in the 2025 era, and sends no answer`, async () => {
      const session = await openLegacySession(gateway.port);
      const connection = await openRaw(gateway.port);
      const hang = session.request('tools/call', { name: 'back_hang', arguments: {} }, 'to be cancelled');
      connection.write(requestBytes(gateway.port, hang));
      const call = await backend.nextCall('hang');
      const saidAt = performance.now();
      const params = { requestId: 'to be cancelled', reason: 'test' };
      await session.notify('notifications/cancelled', params);
      const ms = (await within(8000, 'the cancellation', learns(call))) - saidAt;
      assert.ok(ms < promised, `it took ${ms} ms`);
      // The stream of the call ends; if the HTTP answer has a body at all, it has no result in it.
      const all = await connection.answer();
      if (all.body.trim() !== '') assert.equal(responseOf(all).result, undefined);
      connection.destroy();
    });

    it('does not cancel the call of another session that has the same id', async () => {
      const [one, other] = [await openLegacySession(gateway.port), await openLegacySession(gateway.port)];
      const connection = await openRaw(gateway.port);
      connection.write(
        requestBytes(gateway.port, one.request('tools/call', { name: 'back_hang', arguments: {} }, 77)),
      );
      const call = await backend.nextCall('hang');
      let learned = false;
      void learns(call).then(() => (learned = true));
      await other.notify('notifications/cancelled', { requestId: 77 });
      await one.notify('notifications/cancelled', { requestId: '77' });
      await one.call('back_echo');
      assert.equal(learned, false);
      call.reply(text('still there'));
      const answer = responseOf(await connection.answer());
      assert.equal(answer.id, 77);
      assert.equal(answer.result?.content?.[0]?.text, 'still there');
      connection.destroy();
    });
  });
