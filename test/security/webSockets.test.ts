import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSocket } from '../sources/ws/openSocket.js';
import { openRaw } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { within } from '../support/within.js';
import { echoCall } from './attempts.js';
import { isErrorOf } from './refuses.js';
import { setStage, type Stage } from './stage.js';
import { upgrade } from './upgrade.js';

const compressing = {
  ...upgrade,
  headers: { ...upgrade.headers, 'sec-websocket-extensions': 'permessage-deflate' },
};

/** A client's frame (RFC 6455, 5.2): first byte, payload, masked with zeros unless told otherwise. */
const frame = (first: number, payload: Buffer | string, { masked = true, length = -1 } = {}): Buffer => {
  const bytes = Buffer.from(payload);
  const said = length < 0 ? bytes.length : length;
  const mask = masked ? 0x80 : 0;
  const head = said < 126 ? Buffer.from([first, mask | said]) : Buffer.alloc(10);
  if (said >= 126) {
    head.writeUInt16BE((first << 8) | mask | 127);
    head.writeBigUInt64BE(BigInt(said), 2);
  }
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), bytes]);
};

/** The code of the close frame among what a server sent after its head, if it is there. */
const closeCodeIn = (sent: Buffer): number | undefined => {
  const end = sent.indexOf('\r\n\r\n');
  for (let at = end + 4; end >= 0 && at + 2 <= sent.length;) {
    const short = (sent[at + 1] ?? 0) & 0x7f;
    const start = at + (short === 126 ? 4 : 2);
    const length = short === 126 ? sent.readUInt16BE(at + 2) : short;
    if (((sent[at] ?? 0) & 0x0f) === 8) return sent.readUInt16BE(start);
    at = start + length;
  }
  return undefined;
};

const text = JSON.stringify(echoCall().body);

describe('security: WebSocket frames', () => {
  let stage: Stage;
  before(
    async () => (stage = await setStage({ overrides: { webSocket: true, http: { maxBodyBytes: 10_000 } } })),
  );
  after(() => stage.close());

  /** Opens a WebSocket by hand, sends bytes, and gives the code the gateway closes it with. */
  const closedWith = async (bytes: Buffer): Promise<number> => {
    const connection = await openRaw(stage.port);
    const code = new Promise<number>((resolve) => {
      let sent = Buffer.alloc(0);
      connection.socket.on('data', (piece: Buffer) => {
        sent = Buffer.concat([sent, piece]);
        const found = closeCodeIn(sent);
        if (found !== undefined) resolve(found);
      });
    });
    connection.write(requestBytes(stage.port, compressing));
    const head = await connection.seen('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.doesNotMatch(head, /permessage-deflate/);
    connection.write(bytes);
    try {
      return await within(5000, 'a close frame', code);
    } finally {
      connection.destroy();
    }
  };

  for (const [name, bytes, code] of [
    ['a frame without a mask', frame(0x81, text, { masked: false }), 1002],
    ['a compressed frame that nobody agreed on', frame(0xc1, text), 1002],
    ['reserved bits', frame(0xb1, text), 1002],
    ['a reserved opcode', frame(0x83, text), 1002],
    ['a continuation of nothing', frame(0x80, text), 1002],
    ['a text in the middle of another', Buffer.concat([frame(0x01, '{'), frame(0x81, text)]), 1002],
    ['a ping of 126 bytes', frame(0x89, Buffer.alloc(126)), 1002],
    ['a ping in pieces', frame(0x09, 'x'), 1002],
    ['a close code that is none', frame(0x88, Buffer.from([0, 1])), 1002],
    ['text that is no UTF-8', frame(0x81, Buffer.from([0xc0, 0xaf])), 1007],
    ['a frame that announces 2^53 bytes', frame(0x81, 'x', { length: 2 ** 53 - 1 }), 1009],
    ['a frame of one byte too many', frame(0x81, Buffer.alloc(10_001, 'x')), 1009],
    [
      'pieces that are too large together',
      Buffer.concat([frame(0x01, Buffer.alloc(9000, 'x')), frame(0x80, Buffer.alloc(9000, 'x'))]),
      1009,
    ],
    ['a message in a binary frame', frame(0x82, text), 1003],
  ] as const)
    it(`${name} ends it with ${code}`, async () =>
      assert.equal(await stage.unseen(() => closedWith(bytes)), code));
});

describe('security: WebSocket messages', () => {
  let stage: Stage;
  before(async () => (stage = await setStage({ overrides: { webSocket: true } })));
  after(() => stage.close());

  const open = () => openSocket(`ws://127.0.0.1:${stage.port}/mcp`);

  for (const [name, sent, error] of [
    ['no JSON', 'hello', [-32700, 'Parse error: the message is not valid JSON']],
    [
      'a key twice',
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
      [-32700, 'Parse error: the message has a key twice in one object'],
    ],
    [
      '65 levels',
      `${'['.repeat(65)}${']'.repeat(65)}`,
      [-32700, 'Parse error: the message is nested deeper than 64 levels'],
    ],
    ['a batch', `[${text}]`, [-32600, 'Batches are not taken here: one message at a time']],
    [
      'no session',
      '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      [-32000, 'This connection has no session: initialize first'],
    ],
    [
      "a method of the gateway's own",
      '{"jsonrpc":"2.0","id":1,"method":"$/end"}',
      [-32601, 'Method not found'],
    ],
    [
      'a stream of another connection',
      '{"jsonrpc":"2.0","id":1,"method":"$/stream"}',
      [-32601, 'Method not found'],
    ],
  ] as const)
    it(`${name} is refused`, async () => {
      const { socket, messages, send } = await open();
      await stage.unseen(async () => {
        send(sent);
        await once(socket, 'message');
      });
      isErrorOf(messages[0]!, error);
      socket.terminate();
    });

  it("cancels nobody else's call, and answers nobody else's question", async () => {
    const [victim, thief] = await Promise.all([open(), open()]);
    const { body } = echoCall({ text: 'mine' });
    const seen = await stage.seenOf(async () => {
      for (const message of [
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: body.id } },
        { jsonrpc: '2.0', id: body.id, result: { content: [] } },
      ])
        thief.send(message);
      victim.send(body);
      assert.equal((await victim.answer(body.id)).result?.content?.[0]?.text, '{"text":"mine"}');
    });
    assert.equal(seen.length, 1);
    assert.deepEqual(thief.messages, []);
    victim.socket.terminate();
    thief.socket.terminate();
  });

  it('takes one request of an id at a time', async () => {
    const { socket, messages, send } = await open();
    const { body } = echoCall({ n: 1 });
    const seen = await stage.seenOf(async () => {
      send(body);
      send(body);
      await once(socket, 'message');
    });
    assert.equal(seen.length, 1);
    isErrorOf(messages[0]!, [-32600, 'A request with this id is in flight already']);
    socket.terminate();
  });
});
