import assert from 'node:assert/strict';
import { backendAt, callOf, repliesOf, tool } from './restCalls.js';
import { startService } from './startService.js';

describe('restBackend: answers that speak of a broken instance', () => {
  const statuses: [status: number, faulty: boolean][] = [
    [200, false],
    [404, false],
    [429, false],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
  ];
  for (const [status, faulty] of statuses)
    it(`${status}: ${faulty ? 'another instance may have a better one' : 'the answer is the answer'}`, async () => {
      const service = await startService((_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
      const backend = backendAt(service.url, [tool()]);
      const [reply] = await repliesOf(backend, callOf());
      await backend.close(0);
      await service.close();
      assert.ok(reply?.kind === 'result');
      assert.equal(reply.fault?.code, faulty ? 'ERR_UPSTREAM_FAILED' : undefined);
      assert.equal(reply.result['isError'], status === 200 ? undefined : true);
    });
});
