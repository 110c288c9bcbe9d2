import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import { modernCall } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

const server = fileURLToPath(new URL('../support/stdioServer.mjs', import.meta.url));

describe('A stdio server that is killed', function () {
  this.timeout(20_000);
  let gateway: RunningGateway;

  before(async () => {
    const command = JSON.stringify(process.execPath);
    gateway = await startGateway(
      `  local: { type: stdio, command: ${command}, args: [${JSON.stringify(server)}] }`,
    );
  });
  after(() => gateway.close());

  const pid = async (): Promise<number> => {
    const { result, error } = await modernCall(gateway.port, 'local_pid');
    assert.equal(error, undefined);
    return Number(result?.content?.[0]?.text);
  };

  it('ends the calls it was working on with a clear error, and comes back by itself', async () => {
    const first = await pid();
    const running = Array.from({ length: 50 }, () => modernCall(gateway.port, 'local_hang', {}, 8000));
    assert.equal(await pid(), first);
    process.kill(first, 'SIGKILL');
    for (const { result, error } of await Promise.all(running)) {
      assert.equal(result, undefined);
      assert.ok(error !== undefined && error.message.length > 0 && !error.message.includes(server));
    }
    await eventually(8000, 'the restart of the child', async () => {
      const { result } = await modernCall(gateway.port, 'local_echo', { back: true }, 8000);
      return result?.content?.[0]?.text === '{"back":true}';
    });
    assert.notEqual(await pid(), first);
  });

  it('comes back a second time', async () => {
    const first = await pid();
    process.kill(first, 'SIGKILL');
    await eventually(10_000, 'the restart of the child', async () => {
      const { result } = await modernCall(gateway.port, 'local_pid', {}, 8000);
      return result !== undefined && result.content?.[0]?.text !== String(first);
    });
  });
});
