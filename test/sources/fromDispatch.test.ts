import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { Subject, firstValueFrom, lastValueFrom } from 'rxjs';
import { Pool } from 'undici';
import type { GatewayError } from '../../src/protocol/errors.js';
import { fromDispatch } from '../../src/sources/fromDispatch.js';
import { alwaysOpen } from '../../src/streams/valve.js';
import { startService } from '../backends/rest/startService.js';
import { eventually } from '../support/eventually.js';
import { startMute, type Mute } from '../support/startMute.js';

const request = { path: '/', method: 'GET' } as const;
const isConnectLimit = (ms: number) => (error: GatewayError) => {
  assert.equal(error.code, 'ERR_UPSTREAM_UNREACHABLE');
  assert.equal(error.outcome, 'timeout');
  assert.deepEqual(error.data, { limit: 'connect', ms });
  return true;
};

describe('sources/fromDispatch: the limit of a connection', () => {
  /** Takes connections and says nothing: a TLS handshake with it never ends. */
  let mute: Mute;
  before(async () => {
    mute = await startMute();
  });
  after(() => mute.close());

  it('ends a call whose connection does not open in time', async () => {
    const pool = new Pool(mute.url, { connect: { timeout: 60_000 } });
    await assert.rejects(lastValueFrom(fromDispatch(pool, request, alwaysOpen, 60)), isConnectLimit(60));
    await pool.destroy();
  });

  it("is the pool's own where the call has none", async () => {
    const pool = new Pool(mute.url, { connect: { timeout: 60 } });
    await assert.rejects(lastValueFrom(fromDispatch(pool, request, alwaysOpen)), (error: GatewayError) => {
      assert.equal(error.code, 'ERR_UPSTREAM_UNREACHABLE');
      assert.deepEqual(error.data, { limit: 'connect' });
      return true;
    });
    await pool.destroy();
  });

  it('counts the wait for a free connection, and what was not sent in time is never sent', async () => {
    const service = await startService((_request, response) => response.writeHead(200).write('begun'));
    const pool = new Pool(service.url, { connections: 1 });
    const begun = new Subject<void>();
    const holding = fromDispatch(pool, request, alwaysOpen, 5000).subscribe(() => begun.next());
    await firstValueFrom(begun);
    await assert.rejects(lastValueFrom(fromDispatch(pool, request, alwaysOpen, 60)), isConnectLimit(60));
    holding.unsubscribe();
    await pool.close();
    assert.equal(service.seen.length, 1);
    await service.close();
  });

  it('does not touch a call whose connection is open', async () => {
    const held: ServerResponse[] = [];
    const service = await startService((_request, response) => void held.push(response));
    const pool = new Pool(service.url);
    const silent = new Pool(mute.url);
    const call = lastValueFrom(fromDispatch(pool, request, alwaysOpen, 5000));
    await eventually(5000, 'the first call', () => held.length === 1);
    held[0]?.end('{}');
    await call;
    const second = lastValueFrom(fromDispatch(pool, request, alwaysOpen, 40));
    // As long as the limit, by the clock that counts here.
    await assert.rejects(lastValueFrom(fromDispatch(silent, request, alwaysOpen, 40)), isConnectLimit(40));
    await eventually(5000, 'the second call', () => held.length === 2);
    held[1]?.end('{}');
    assert.equal((await second).kind, 'chunk');
    await Promise.all([pool.close(), silent.destroy()]);
    await service.close();
  });
});
