import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { limits } from '../../../src/config/limits.js';
import { readBundle } from '../../../src/sources/opa/readBundle.js';

/** A file of a tar archive: header and content, in blocks. */
const entry = (path: string, content: Buffer | string = '', type = '0'): Buffer => {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000600\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  header.write('ustar\0', 257);
  header.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
};
const end = Buffer.alloc(1024);
const archive = (...entries: readonly Buffer[]): Buffer => gzipSync(Buffer.concat([...entries, end]));
const wasm = entry('/policy.wasm', 'code');

describe('sources/opa/readBundle', () => {
  it('finds the policy, its revision, and data at any depth', async () => {
    const path = `deep/${'x'.repeat(120)}/data.json`;
    const record = ` path=${path}\n`;
    const length = record.length + String(record.length + 3).length;
    const bundle = await readBundle(
      archive(
        wasm,
        entry('/.manifest', '{"revision":"r7"}'),
        entry('/data.json', '{"a":{"b":1},"__proto__":{"x":1}}'),
        entry('./a/data.yaml', 'c: [1, 2]'),
        entry('a/', '', '5'),
        entry('pax', `${length}${record}`, 'x'),
        entry('short', '3'),
      ),
    );
    assert.equal(bundle.wasm.toString(), 'code');
    assert.equal(bundle.revision, 'r7');
    assert.equal(
      JSON.stringify(bundle.data),
      `{"a":{"b":1,"c":[1,2]},"__proto__":{"x":1},"deep":{"${'x'.repeat(120)}":3}}`,
    );
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

  const refused: [string, Buffer, RegExp][] = [
    ['what is not compressed', end, /gzip/],
    ['what is no archive', gzipSync('x'.repeat(2000)), /no tar archive/],
    [
      'what ends too soon',
      gzipSync(entry('data.json', 'x'.repeat(2000)).subarray(0, 1024)),
      /middle of a file/,
    ],
    ['what has no end', gzipSync(wasm), /does not end/],
    [
      'a bundle without WebAssembly',
      archive(entry('policy.rego', 'package a')),
      /no `policy\.wasm`.*opa build/,
    ],
    ['a path that leads out', archive(wasm, entry('../../etc/data.json', '{}')), /leads out/],
    ['one with a backslash', archive(wasm, entry('..\\data.json', '{}')), /leads out/],
    ['a link', archive(wasm, entry('data.json', '', '2')), /no file/],
    ['a file twice', archive(wasm, wasm), /twice/],
    ['data that is no JSON', archive(wasm, entry('data.json', '{')), /no JSON/],
    [
      'data that nests without end',
      archive(wasm, entry('data.json', '['.repeat(500) + ']'.repeat(500))),
      /too deep/,
    ],
    ['data that is no object', archive(wasm, entry('data.json', '1')), /no object/],
    [
      'data that is said twice',
      archive(wasm, entry('data.json', '{"a":1}'), entry('a/data.json', '{}')),
      /again/,
    ],
    [
      'more than it may unpack to',
      gzipSync(Buffer.concat([wasm, entry('big', Buffer.alloc(limits.opaUnpackedBytes)), end])),
      /unpacks to more/,
    ],
  ];
  for (const [what, bundle, why] of refused)
    it(`refuses ${what}`, () => assert.rejects(readBundle(bundle), { name: 'PolicyFault', message: why }));
});
