import assert from 'node:assert/strict';
import { repeatsKey } from '../../src/protocol/repeatsKey.js';

describe('repeatsKey', () => {
  const repeats = (text: string): boolean => repeatsKey(text, JSON.parse(text));

  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"a":{"b":1}}',
    '[{"x":{"a":[],"b":2,"a":3}}]',
    '{"a":1,"\\u0061":1}',
    '{"__proto__":1,"__proto__":{}}',
    '{"":1,"":2}',
    '{"1":1,"1":2}',
    // The key that is lost held an object with keys of its own.
    '{"a":{"b":{"c":1}},"a":0}',
  ])
    it(`finds the key that is there twice in ${text}`, () => assert.equal(repeats(text), true));

  for (const text of [
    '{}',
    '5',
    'null',
    '":"',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"a:b":":","\\":":"\\\\","c":"\\\\\\":"}',
    '{"__proto__":{"constructor":1},"constructor":{"prototype":1}}',
    '{"a":1,"A":1,"\u00e9":1,"e\u0301":1}',
  ])
    it(`finds none in ${text}`, () => assert.equal(repeats(text), false));
});
