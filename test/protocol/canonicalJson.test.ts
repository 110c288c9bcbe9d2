import assert from 'node:assert/strict';
import { canonicalJson } from '../../src/protocol/canonicalJson.js';

describe('canonicalJson', () => {
  it('sorts the keys of objects at every depth and keeps the order of lists', () => {
    assert.equal(
      canonicalJson({ b: [{ z: 1, a: 'é"' }, 2], a: { d: null, c: true } }),
      '{"a":{"c":true,"d":null},"b":[{"a":"é\\"","z":1},2]}',
    );
  });

  it('sorts keys that look like numbers as texts, too', () => {
    assert.equal(canonicalJson({ 9: 1, 10: 2, a: 3 }), '{"10":2,"9":1,"a":3}');
  });

  it('leaves out what JSON leaves out', () => {
    assert.equal(canonicalJson({ a: undefined, b: [undefined] }), '{"b":[null]}');
  });
});
