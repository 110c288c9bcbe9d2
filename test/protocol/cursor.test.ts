import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { cursors } from '../../src/protocol/cursor.js';
import { GatewayError } from '../../src/protocol/errors.js';

const key = randomBytes(32);
const { write, read } = cursors(key);
const refused = (list: string, cursor: string): void =>
  assert.throws(
    () => read(list, cursor),
    (error) => error instanceof GatewayError && error.code === 'ERR_CURSOR_INVALID',
  );

describe('protocol/cursor', () => {
  it('gives back what was written, whatever it was', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), (list, last) =>
        assert.equal(read(list, write(list, last)), last),
      ),
    ));

  it('is opaque ASCII that survives a URL', () =>
    assert.match(write('tools/list', 'größe'), /^[A-Za-z0-9_-]+$/));

  it('belongs to its list, namespace included', () => {
    refused('prompts/list ', write('tools/list ', 'x'));
    refused('tools/list team', write('tools/list ', 'x'));
  });

  it('belongs to its key', () => refused('l', cursors(randomBytes(32)).write('l', 'x')));

  it('is read by whoever has the key it was written with, the newest or an older one', () => {
    const newer = randomBytes(32);
    assert.equal(cursors(newer, key).read('l', write('l', 'x')), 'x');
    refused('l', cursors(newer, key).write('l', 'x'));
  });

  it('refuses every change of a single character, and any cut or extension', () => {
    const good = write('l', 'orders_get');
    for (let i = 0; i < good.length; i++)
      refused('l', `${good.slice(0, i)}${good[i] === 'A' ? 'B' : 'A'}${good.slice(i + 1)}`);
    for (let i = 0; i < good.length; i++) refused('l', good.slice(0, i));
    for (const tail of ['A', '=', ' ', '.', '\n']) refused('l', good + tail);
  });

  for (const [name, cursor] of [
    ['an empty string', ''],
    ['a number', '0'],
    ['plain text', 'page2'],
    ['no base64', '%%%%'],
    ['base64 with padding', Buffer.alloc(17).toString('base64')],
  ] as const)
    it(`refuses ${name}`, () => refused('l', cursor));

  it('refuses a megabyte quickly', () => refused('l', 'A'.repeat(1 << 20)));
});
