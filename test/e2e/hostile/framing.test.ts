import assert from 'node:assert/strict';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { setStage, type HostileStage } from './stage.js';

/** A correct call whose body and framing headers are replaced. */
const spoiled = (port: number, headers: Record<string, string | undefined>): Buffer => {
  const { headers: own } = modernRequest('tools/call', { name: 'back_echo', arguments: {} });
  return requestBytes(port, { headers: { ...own, 'content-type': 'application/json', ...headers } });
};

const body = Buffer.from(
  JSON.stringify(modernRequest('tools/call', { name: 'back_echo', arguments: { n: 1 } }).body),
);

describe('A client that lies about where its message ends', () => {
  let stage: HostileStage;
  before(async () => (stage = await setStage({ http: { requestTimeoutMs: 700 } })));
  after(() => stage.close());

  /** Sends bytes and gives the status of the first answer; the connection must end by itself. */
  const statusThenEnd = (bytes: readonly (string | Buffer)[]): Promise<number> =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      for (const part of bytes) connection.write(part);
      const { status } = await connection.answer();
      await connection.closed();
      return status;
    });

  it('gets 400 for a chunk size that is no number', async () => {
    const head = spoiled(stage.port, { 'transfer-encoding': 'chunked' });
    assert.equal(await statusThenEnd([head, `zz\r\n${body.toString()}\r\n0\r\n\r\n`]), 400);
  });

  it('gets 400 for a chunk longer than it said', async () => {
    const head = spoiled(stage.port, { 'transfer-encoding': 'chunked' });
    assert.equal(await statusThenEnd([head, `5\r\n${body.toString()}\r\n0\r\n\r\n`]), 400);
  });

  it('gets 408 for a chunked body that never ends', async () => {
    const head = spoiled(stage.port, { 'transfer-encoding': 'chunked' });
    assert.equal(await statusThenEnd([head, `ffff\r\n${body.toString()}`]), 408);
  });

  it('gets 400 for a length and chunks together, as a smuggler would', async () => {
    const head = spoiled(stage.port, {
      'transfer-encoding': 'chunked',
      'content-length': String(body.length),
    });
    assert.equal(await statusThenEnd([head, `0\r\n\r\n`]), 400);
  });

  it('gets 400 for two lengths', async () => {
    const head = spoiled(stage.port, { 'content-length': String(body.length), 'Content-Length': '5' });
    assert.equal(await statusThenEnd([head, body]), 400);
  });

  it('gets 400 for a negative length', async () => {
    assert.equal(await statusThenEnd([spoiled(stage.port, { 'content-length': '-5' }), body]), 400);
  });

  it('is cut off when what follows its request is no HTTP', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      connection.write(spoiled(stage.port, { 'content-length': String(body.length) }));
      connection.write(Buffer.concat([body, Buffer.from('\0\x01 NOT HTTP AT ALL\r\n\r\n')]));
      await connection.closed();
    }));

  it('gets its answers in order when it pipelines honest requests', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      const requests = [1, 2, 3].map((n) =>
        requestBytes(
          stage.port,
          modernRequest('tools/call', { name: 'back_echo', arguments: { n } }, { id: `p${n}` }),
        ),
      );
      connection.write(Buffer.concat(requests));
      for (const n of [1, 2, 3]) {
        const answer = await connection.answer();
        assert.equal(answer.status, 200);
        assert.ok(answer.body.includes(`"p${n}"`), answer.body);
      }
      connection.destroy();
    }));
});
