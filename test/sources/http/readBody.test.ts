import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { openRaw } from '../../support/openRaw.js';
import { startHttp, type HttpListener } from './startHttp.js';

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const nested = (levels: number): string =>
  `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;
const head = (more: string): string =>
  `POST /mcp HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\ncontent-type: application/json\r\n${more}\r\n`;
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe('sources/http/readBody', () => {
  let http: HttpListener;
  before(async () => (http = await startHttp()));
  after(() => http.close());
  const status = async (body: unknown) => (await ask(http.port, { body })).status;

  const rows: [string, string | Buffer, number][] = [
    ['plain', ping, 200],
    ['white space around', ` \r\n\t${ping}\n`, 200],
    ['other scripts', '{"jsonrpc":"2.0","id":"größe😀","method":"ping"}', 200],
    ['no UTF-8', Buffer.concat([Buffer.from(ping.slice(0, -1)), Buffer.from([0x20, 0xff, 0x7d])]), 400],
    [
      'a surrogate written as UTF-8',
      Buffer.concat([
        Buffer.from('{"jsonrpc":"2.0","id":"'),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from('","method":"ping"}'),
      ]),
      400,
    ],
    ['UTF-16', Buffer.from(ping, 'utf16le'), 400],
    ['two values', ping + ping, 400],
    ['a comment', `${ping} // x`, 400],
    ['as deep as allowed', nested(16), 200],
    ['one level deeper', nested(17), 400],
    ['a hundred thousand levels', '['.repeat(9_000), 400],
    [
      'brackets in strings are no levels',
      JSON.stringify({ jsonrpc: '2.0', id: '[{"\\'.repeat(100), method: 'ping' }),
      200,
    ],
    ['an unfinished string', '{"jsonrpc":"[[[[', 400],
    ['as large as allowed', ping.padEnd(10_000), 200],
    ['one byte larger', ping.padEnd(10_001), 413],
  ];
  for (const [name, body, expected] of rows)
    it(`${name}: ${expected}`, async () => assert.equal(await status(body), expected));

  it('takes no compressed body for a plain one', async () => {
    const { status: refused } = await ask(http.port, { body: ping, headers: { 'content-encoding': 'gzip' } });
    assert.equal(refused, 415);
  });

  it('takes a body in chunks, cut inside a character', async () => {
    const connection = await openRaw(http.port);
    const bytes = Buffer.from('{"jsonrpc":"2.0","id":"ä","method":"ping"}');
    const cut = bytes.indexOf(0xc3) + 1;
    connection.write(head('transfer-encoding: chunked\r\n'));
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)])
      connection.write(
        Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
      );
    connection.write('0\r\n\r\n');
    assert.equal((JSON.parse((await connection.answer()).body) as { id: string }).id, 'ä');
    connection.destroy();
  });

  it('counts chunks as they come, and answers a flood while it goes on', async () => {
    const connection = await openRaw(http.port);
    connection.write(head('transfer-encoding: chunked\r\n'));
    for (let i = 0; i < 11; i++) connection.write(chunk(' '.repeat(1000)));
    const answer = await connection.answer();
    assert.deepEqual([answer.status, answer.headers['connection']], [413, 'close']);
    connection.write(chunk(' '.repeat(1000)));
    await connection.closed();
  });

  it('answers a declared flood before it comes, and ends the connection', async () => {
    const connection = await openRaw(http.port);
    connection.write(head('content-length: 99999999\r\n'));
    assert.equal((await connection.answer()).status, 413);
    await connection.closed();
  });

  it('an honest Expect is told to go on', async () => {
    const connection = await openRaw(http.port);
    connection.write(head(`content-length: ${ping.length}\r\nexpect: 100-continue\r\n`));
    assert.equal((await connection.answer()).status, 100);
    connection.write(ping);
    assert.equal((await connection.answer()).status, 200);
    connection.destroy();
  });

  it('hears nothing of a client that leaves in the middle', async () => {
    const before = http.arrived.length;
    const connection = await openRaw(http.port);
    connection.write(head('content-length: 100\r\n') + ping);
    connection.destroy();
    assert.equal(await status(ping), 200);
    assert.equal(http.arrived.length, before + 1);
  });
});
