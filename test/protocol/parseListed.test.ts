import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isObject } from '../../src/protocol/jsonrpc.js';
import { parseJson } from '../../src/protocol/parseJson.js';
import { parseListed } from '../../src/protocol/parseListed.js';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const listing = (key: string, ...items: string[]): string =>
  `{"jsonrpc":"2.0","id":1,"result":{"${key}":[${items.join()}],"ttlMs":5}}`;
const shown = (text: string): unknown => {
  const value = parseListed(text, 10);
  return isObject(value) ? value['result'] : value;
};

describe('protocol/parseListed', () => {
  it('is plain parsing for what is not too deep', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(parseListed(text, 50), parseJson(text, 50));
      }),
    ));

  for (const key of ['tools', 'prompts', 'resources', 'resourceTemplates'])
    it(`leaves null in the place of one of the ${key} that nests too deeply`, () =>
      assert.deepEqual(shown(listing(key, '{"a":1}', nested(8), nested(7), nested(100_000))), {
        [key]: [{ a: 1 }, null, [[[[[[[]]]]]]], null],
        ttlMs: 5,
      }));

  const refused: [string, string][] = [
    ['another list', listing('content', nested(20))],
    ['beside the list', `{"result":{"tools":[${nested(20)}],"x":${nested(20)}}}`],
    ['an error', `{"error":{"code":1,"message":"","data":${nested(20)}}}`],
    ['a list that is no list', `{"result":{"tools":{"a":${nested(20)}}}}`],
    ['no message', nested(20)],
    ['no JSON', '['.repeat(20)],
  ];
  for (const [what, text] of refused)
    it(`takes nothing of a message that nests too deeply elsewhere: ${what}`, () =>
      assert.equal(parseListed(text, 10), undefined));
});
