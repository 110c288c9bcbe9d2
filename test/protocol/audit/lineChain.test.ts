import assert from 'node:assert/strict';
import {
  chainStart,
  lineFault,
  placeOf,
  sealLine,
  type ChainEnd,
} from '../../../src/protocol/audit/lineChain.js';

const key = Buffer.alloc(32, 7);

const sealed = (texts: readonly string[], with_?: Uint8Array): string[] => {
  let end: ChainEnd = chainStart;
  return texts.map((text) => {
    const next = sealLine(text, end, with_);
    end = next.end;
    return next.line;
  });
};

/** The fault of each line, read one after another as a verifier does. */
const faults = (lines: readonly string[], with_?: Uint8Array) => {
  let end: ChainEnd | undefined;
  return lines.map((line) => {
    const fault = lineFault(line, end, with_);
    end = placeOf(line) ?? end;
    return fault;
  });
};

describe('protocol/audit/lineChain', () => {
  const texts = ['{"a":1}', '{"a":"\\"hash\\":\\"x\\""}', '{"ü":"\\n"}', '{"a":4}'];

  it('keeps each record what it was, and numbers it', () => {
    const lines = sealed(texts);
    for (const [index, line] of lines.entries()) {
      const { seq, prev, hash, ...rest } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual(rest, JSON.parse(texts[index] ?? ''));
      assert.equal(seq, index + 1);
      assert.match(String(hash), /^[0-9a-f]{64}$/);
      const before = index === 0 ? chainStart.hash : placeOf(lines[index - 1] ?? '')?.hash;
      assert.equal(prev, before);
    }
  });

  for (const with_ of [undefined, key])
    describe(with_ === undefined ? 'with bare hashes' : 'with a secret', () => {
      const lines = sealed(texts, with_);
      const [first = '', second = '', third = '', fourth = ''] = lines;

      it('finds nothing in what was not touched', () => {
        assert.deepEqual(faults(lines, with_), [undefined, undefined, undefined, undefined]);
      });
      it('finds nothing in the rest of a trail whose oldest files are gone', () => {
        assert.deepEqual(faults([third, fourth], with_), [undefined, undefined]);
      });
      it('finds a changed record', () => {
        const changed = second.replace('{"a":', '{"b":');
        assert.deepEqual(faults([first, changed, third], with_), [undefined, 'changed', undefined]);
      });
      it('finds a removed record', () => {
        assert.deepEqual(faults([first, third, fourth], with_), [undefined, 'removed', undefined]);
      });
      it('finds records that change places', () => {
        assert.deepEqual(faults([first, third, second], with_), [undefined, 'removed', 'repeated']);
      });
      it('finds half a record', () => {
        assert.deepEqual(faults([first, second.slice(0, -1), second], with_), [
          undefined,
          'incomplete',
          undefined,
        ]);
      });
      it('finds a record that was written anew, with its own hash', () => {
        const anew = sealLine('{"a":"other"}', placeOf(first) ?? chainStart, with_).line;
        assert.deepEqual(faults([first, anew, third], with_), [undefined, undefined, 'replaced']);
      });
    });

  it('nobody without the secret can write a record that passes', () => {
    const [first = ''] = sealed(texts, key);
    const forged = sealLine('{"a":"forged"}', placeOf(first) ?? chainStart, undefined).line;
    assert.deepEqual(faults([first, forged], key), [undefined, 'changed']);
  });

  it('takes nothing for a record that has text after its hash, or no place in a chain', () => {
    const [first = ''] = sealed(texts);
    for (const line of [`${first} `, `${first}{}`, '{"a":1}', '', '{}'])
      assert.equal(lineFault(line, undefined, undefined), 'incomplete', line);
  });
});
