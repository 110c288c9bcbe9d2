import assert from 'node:assert/strict';
import type { GatewayErrorCode } from '../../../src/protocol/errors.js';
import { backendAt, callOf, repliesOf, tool } from './restCalls.js';
import { startService } from './startService.js';

describe('restBackend: answers that speak of a broken instance', () => {
  const statuses: [status: number, fault: GatewayErrorCode | undefined][] = [
    [200, undefined],
    [404, undefined],
    [429, 'ERR_UPSTREAM_BUSY'],
    [500, 'ERR_UPSTREAM_FAILED'],
    [501, undefined],
    [502, 'ERR_UPSTREAM_FAILED'],
    [503, 'ERR_UPSTREAM_FAILED'],
    [504, 'ERR_UPSTREAM_FAILED'],
  ];
  for (const [status, fault] of statuses)
    it(`${status}: ${fault !== undefined ? 'another instance may have a better one' : 'the answer is the answer'}`, async () => {
      const service = await startService((_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
      const backend = backendAt(service.url, [tool()]);
      const [reply] = await repliesOf(backend, callOf());
      await backend.close(0);
      await service.close();
      assert.ok(reply?.kind === 'result');
      assert.equal(reply.fault?.code, fault);
      assert.equal(reply.result['isError'], status === 200 ? undefined : true);
    });

  it('says when the service wants to be asked again', async () => {
    const service = await startService((_request, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end();
    });
    const backend = backendAt(service.url, [tool()]);
    const [reply] = await repliesOf(backend, callOf());
    await backend.close(0);
    await service.close();
    assert.equal(reply?.kind === 'result' && reply.fault?.retryAfterMs, 7000);
  });
});
