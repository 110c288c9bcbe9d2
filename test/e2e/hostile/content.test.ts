import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { setStage, type HostileStage } from './stage.js';

const echo = (args: Readonly<Record<string, unknown>> = {}) =>
  modernRequest('tools/call', { name: 'back_echo', arguments: args });

/** The echo call with its arguments replaced by this text, valid JSON or not. */
const withArguments = (text: string) => {
  const { body, ...rest } = echo();
  return { ...rest, body: JSON.stringify(body).replace('"arguments":{}', `"arguments":${text}`) };
};

describe('A client that sends nonsense', () => {
  let stage: HostileStage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  const refused = (status: number, code: number | undefined, request: Parameters<typeof ask>[1]) =>
    stage.beside(async () => {
      const answer = await ask(stage.port, request);
      assert.equal(answer.status, status, answer.body);
      if (code !== undefined) assert.equal(responseOf(answer).error?.code, code, answer.body);
      return answer;
    });

  it('gets 400 and -32700 for invalid UTF-8', async () => {
    const { body, ...rest } = echo({ text: 'QQ' });
    const bytes = Buffer.from(JSON.stringify(body));
    bytes.fill(0xff, bytes.indexOf('QQ'), bytes.indexOf('QQ') + 2);
    await refused(400, -32700, { ...rest, body: bytes });
  });

  it('gets 400 and -32700 for half a message, for nothing, and for a comment', async () => {
    const { body, ...rest } = echo();
    for (const text of [JSON.stringify(body).slice(0, 40), '', '/* hello */'])
      await refused(400, -32700, { ...rest, body: text });
  });

  it('gets 400 and -32600 for JSON that is no JSON-RPC', async () => {
    for (const body of ['5', '"text"', 'null', '{}', '{"jsonrpc":"1.0","id":1,"method":"ping"}'])
      await refused(400, -32600, { body });
  });

  it('gets 400 and -32600 for an id that is null, a fraction or an object', async () => {
    for (const id of ['null', '1.5', '{}', 'true'])
      await refused(400, -32600, { body: `{"jsonrpc":"2.0","id":${id},"method":"ping"}` });
  });

  it('gets 400 and -32600 for params that are a list', () =>
    refused(400, -32600, { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}' }));

  it('gets 415 for another content type, or none', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', undefined])
      await refused(415, undefined, { ...echo(), headers: { ...echo().headers, 'content-type': type } });
  });

  it('is served with parameters behind the content type', async () => {
    const type = 'Application/JSON; charset=utf-8';
    await refused(200, undefined, { ...echo(), headers: { ...echo().headers, 'content-type': type } });
  });

  it('gets 403 for a Host that is not ours (DNS rebinding)', async () => {
    for (const host of [
      'evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ])
      await refused(403, undefined, { ...echo(), headers: { ...echo().headers, host } });
  });

  it('gets 403 for an Origin that is not ours, whatever the method', async () => {
    for (const method of ['POST', 'GET', 'DELETE'])
      for (const origin of ['http://evil.example', 'null', 'http://localhost.evil.example'])
        await refused(403, undefined, { ...echo(), method, headers: { ...echo().headers, origin } });
  });

  it('is served when the Origin is this host', async () => {
    const origin = `http://127.0.0.1:${stage.port}`;
    await refused(200, undefined, { ...echo(), headers: { ...echo().headers, origin } });
  });

  it('pollutes nothing with __proto__, constructor or duplicate keys', async () => {
    const texts = [
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"a":1,"a":{"__proto__":{"polluted":1}}}',
    ];
    for (const text of texts) {
      const answer = await stage.beside(() => ask(stage.port, withArguments(text)));
      assert.ok([200, 400].includes(answer.status), answer.body);
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
      if (answer.status === 200) {
        const { result } = responseOf(answer);
        // Either refused as an argument error, or handed on as it came.
        if (result?.isError !== true) {
          const echoed = JSON.parse(result?.content?.[0]?.text ?? '') as Record<string, unknown>;
          assert.equal(echoed['polluted'], undefined);
        }
      }
    }
  });

  it('pollutes nothing with __proto__ as name of a tool or key of the message', async () => {
    for (const name of ['__proto__', 'constructor', 'back___proto__', 'toString']) {
      const answer = await stage.beside(() =>
        ask(stage.port, modernRequest('tools/call', { name, arguments: {} })),
      );
      assert.equal(answer.status, 200);
      assert.equal(responseOf(answer).error?.code, -32602);
    }
    const { body, ...rest } = echo();
    const text = JSON.stringify(body).replace('{"jsonrpc"', '{"__proto__":{"polluted":1},"jsonrpc"');
    await stage.beside(() => ask(stage.port, { ...rest, body: text }));
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
