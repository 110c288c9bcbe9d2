import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { openLegacySession } from '../../support/openLegacySession.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes, type RequestParts } from '../../support/requestBytes.js';
import { setStage, type HostileStage } from './stage.js';

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('A client of the 2025 era', () => {
  let stage: HostileStage;
  before(async () => (stage = await setStage({ http: { maxBatch: 3 } })));
  after(() => stage.close());

  const gets = (status: number, request: RequestParts, code?: number) =>
    stage.beside(async () => {
      const answer = await ask(stage.port, request);
      assert.equal(answer.status, status, answer.body);
      if (code !== undefined) assert.equal(responseOf(answer).error?.code, code, answer.body);
      return answer;
    });

  it('gets 400 without a session', () => gets(400, { body: list }, -32000));

  it('gets 404 with a session that nobody knows', async () => {
    for (const id of ['nobody', '../../etc/passwd', '__proto__', 'x'.repeat(4000)])
      await gets(404, { headers: { 'mcp-session-id': id }, body: list }, -32001);
  });

  it('gets 404 after DELETE, for every verb', async () => {
    const session = await openLegacySession(stage.port);
    assert.ok([200, 204].includes((await session.end()).status));
    await gets(404, session.request('tools/list'), -32001);
    await gets(404, { method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } });
    await gets(404, { method: 'DELETE', headers: session.headers });
  });

  it('gets 409 for a second GET stream while the first is open, and 200 when it is gone', async () => {
    const session = await openLegacySession(stage.port);
    const get = requestBytes(stage.port, {
      method: 'GET',
      headers: { ...session.headers, accept: 'text/event-stream' },
    });
    const first = await openRaw(stage.port);
    first.write(get);
    const head = await first.seen('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 200 /);
    assert.match(head, /content-type: text\/event-stream/i);
    await gets(409, { method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } });
    first.destroy();
    // The gateway learns of the end of the first stream when the operating system tells it; until then 409 is right.
    for (let tries = 0; ; tries++) {
      const next = await openRaw(stage.port);
      next.write(get);
      const status = (await next.seen('\r\n\r\n')).slice(9, 12);
      next.destroy();
      if (status === '200') break;
      assert.equal(status, '409');
      assert.ok(tries < 50, 'the stream is never free again');
    }
  });

  it('gets 406 for a GET that does not accept a stream', async () => {
    const session = await openLegacySession(stage.port);
    await gets(406, { method: 'GET', headers: { ...session.headers, accept: 'application/json' } });
  });

  it('gets 406 for a POST that accepts neither form', async () => {
    const session = await openLegacySession(stage.port);
    const request = session.request('tools/list');
    await gets(406, { ...request, headers: { ...request.headers, accept: 'text/html' } });
  });

  it('gets 400 for a GET or DELETE without a session', async () => {
    await gets(400, { method: 'GET', headers: { accept: 'text/event-stream' } });
    await gets(400, { method: 'DELETE' });
  });

  it('gets 405 and the list of verbs for any other verb', async () => {
    for (const method of ['PUT', 'PATCH']) {
      const answer = await gets(405, { method, body: list });
      assert.match(answer.headers['allow'] ?? '', /POST/);
    }
  });

  it('gets 400 for a second initialize in its session', async () => {
    const session = await openLegacySession(stage.port);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    await gets(400, session.request('initialize', params), -32600);
  });

  it('gets 400 for a version header that names no version', async () => {
    const session = await openLegacySession(stage.port);
    const headers = { ...session.headers, 'mcp-protocol-version': '1999-01-01' };
    await gets(400, { ...session.request('tools/list'), headers });
  });

  it('gets -32601 in-band for a method that does not exist', async () => {
    const session = await openLegacySession(stage.port);
    await gets(200, session.request('tools/burn'), -32601);
    await gets(200, session.request('$/end'), -32601);
  });

  it('may send batches with 2025-03-26', async () => {
    const { headers } = await openLegacySession(stage.port, '2025-03-26');
    const answer = await gets(200, { headers, body: [list, { ...list, id: 'two' }] });
    const text = answer.body;
    assert.ok(text.includes('"id":1') && text.includes('"id":"two"'), text);
    await gets(202, { headers, body: [{ jsonrpc: '2.0', method: 'notifications/x' }] });
  });

  it('may not send empty or endless batches, or initialize in one', async () => {
    const { headers } = await openLegacySession(stage.port, '2025-03-26');
    await gets(400, { headers, body: [] }, -32600);
    await gets(400, { headers, body: [1, 2, 3, 4].map((id) => ({ ...list, id })) }, -32600);
    const params = {
      protocolVersion: '2025-03-26',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    await gets(400, { body: [{ jsonrpc: '2.0', id: 1, method: 'initialize', params }] }, -32600);
  });

  it('may not send batches with later versions', async () => {
    for (const version of ['2025-06-18', '2025-11-25']) {
      const { headers } = await openLegacySession(stage.port, version);
      await gets(400, { headers, body: [list] }, -32600);
    }
  });
});
