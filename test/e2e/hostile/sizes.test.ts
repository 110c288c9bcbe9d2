import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { setStage, type HostileStage } from './stage.js';

const echo = (args: Readonly<Record<string, unknown>>) =>
  modernRequest('tools/call', { name: 'back_echo', arguments: args });

describe('A client that sends too much', () => {
  let stage: HostileStage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  it('gets 413 for a body of 5 MiB, and its connection ends', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      connection.write(requestBytes(stage.port, echo({ text: 'x'.repeat(5 * 1024 * 1024) })));
      assert.equal((await connection.answer()).status, 413);
      await connection.closed();
      assert.equal(stage.backend.calls >= 0, true);
    }));

  it('gets 413 for a chunked body of 5 MiB whose length was never announced', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      const request = { ...echo({}), body: undefined };
      const headers = {
        ...request.headers,
        'content-type': 'application/json',
        'transfer-encoding': 'chunked',
      };
      connection.write(requestBytes(stage.port, { ...request, headers }));
      const chunk = Buffer.concat([
        Buffer.from('10000\r\n'),
        Buffer.alloc(0x10000, 'x'),
        Buffer.from('\r\n'),
      ]);
      for (let sent = 0; sent < 5 * 1024 * 1024; sent += 0x10000) connection.write(chunk);
      assert.equal((await connection.answer()).status, 413);
      await connection.closed();
    }));

  it('is not even read when it announces 5 GiB', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      const headers = { 'content-type': 'application/json', 'content-length': String(5 * 1024 ** 3) };
      connection.write(requestBytes(stage.port, { headers }));
      assert.equal((await connection.answer()).status, 413);
      await connection.closed();
    }));

  it('gets 400 for JSON of 100,000 levels', () =>
    stage.beside(async () => {
      const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
      const { body, ...rest } = echo({});
      const spoiled = JSON.stringify(body).replace('"arguments":{}', `"arguments":{"deep":${deep}}`);
      const answer = await ask(stage.port, { ...rest, body: spoiled });
      assert.equal(answer.status, 400);
      assert.ok([-32700, -32600].includes(responseOf(answer).error?.code ?? 0), answer.body);
    }));

  it('gets 400 for a batch of 100,000 levels, in the other era', () =>
    stage.beside(async () => {
      const answer = await ask(stage.port, { body: `${'['.repeat(100_000)}${']'.repeat(100_000)}` });
      assert.equal(answer.status, 400);
    }));

  it('gets 431 for a header of 64 KiB, and its connection ends', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      connection.write(requestBytes(stage.port, { headers: { 'x-large': 'h'.repeat(64 * 1024) }, body: {} }));
      assert.equal((await connection.answer()).status, 431);
      await connection.closed();
    }));

  it('gets 431 for 10,000 small headers', () =>
    stage.beside(async () => {
      const connection = await openRaw(stage.port);
      const many = Array.from({ length: 10_000 }, (_, n) => [`x-${n}`, 'v'] as const);
      connection.write(requestBytes(stage.port, { headers: Object.fromEntries(many), body: {} }));
      assert.equal((await connection.answer()).status, 431);
      await connection.closed();
    }));
});
