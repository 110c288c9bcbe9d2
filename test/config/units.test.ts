import assert from 'node:assert/strict';
import { bytes } from '../../src/config/bytes.js';
import { milliseconds } from '../../src/config/milliseconds.js';
import { childPointer, dotted, pointerKeys } from '../../src/config/pointer.js';
import { suggest } from '../../src/config/suggest.js';

describe('config: units and words', () => {
  const durations: [string | number, number][] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1.5s', 1500],
    ['30', 30_000],
    [300, 300_000],
    [0.25, 250],
    ['', NaN],
    ['5 m', NaN],
    ['-5s', NaN],
    ['5d', NaN],
    ['1e3', NaN],
  ];
  for (const [written, ms] of durations)
    it(`milliseconds: ${JSON.stringify(written)} is ${ms}`, () => assert.equal(milliseconds(written), ms));

  const sizes: [string | number, number][] = [
    ['4MiB', 4_194_304],
    ['64KiB', 65_536],
    ['1GiB', 1_073_741_824],
    ['512', 512],
    ['512B', 512],
    ['0.5KiB', 512],
    [4096, 4096],
    ['4MB', NaN],
    ['four', NaN],
  ];
  for (const [written, size] of sizes)
    it(`bytes: ${JSON.stringify(written)} is ${size}`, () => assert.equal(bytes(written), size));

  const words: [string, string | undefined][] = [
    ['servres', 'servers'],
    ['Servers', 'servers'],
    ['lsiten', 'listen'],
    ['listne', 'listen'],
    ['log_', 'log'],
    ['xyz', undefined],
    ['', undefined],
    ['s'.repeat(10_000), undefined],
  ];
  for (const [word, meant] of words)
    it(`suggest: ${word.slice(0, 10)} means ${meant ?? 'nothing'}`, () =>
      assert.equal(suggest(word, ['servers', 'listen', 'log', 'sessions']), meant));

  it('pointers survive slashes, tildes and dots', () => {
    const pointer = childPointer(childPointer('', 'cache'), 'a/b~c');
    assert.equal(pointer, '/cache/a~1b~0c');
    assert.deepEqual(pointerKeys(pointer), ['cache', 'a/b~c']);
    assert.equal(dotted('/servers/a.b/urls/1'), 'servers["a.b"].urls[1]');
    assert.equal(dotted('/cache/tools~1list/ttl'), 'cache.tools/list.ttl');
    assert.equal(dotted(''), '');
  });
});
