import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { setStage, type Stage } from './stage.js';

/** Arguments as they are written in JSON: an honest one, and one that is to be taken for it. */
const pairs: Readonly<Record<string, readonly [honest: string, forged: string]>> = {
  'a number for a text': ['{"a":1}', '{"a":"1"}'],
  'nothing for what is missing': ['{"b":1}', '{"b":1,"a":null}'],
  'one text for two': ['{"a":["x","y"]}', '{"a":["x,y"]}'],
  'quotes in a text': ['{"a":"1","b":"2"}', '{"a":"1\\",\\"b\\":\\"2"}'],
  'a list for an object': ['{"a":{"0":"x"}}', '{"a":["x"]}'],
  'another order in a list': ['{"a":[1,2]}', '{"a":[2,1]}'],
  'a prototype': ['{"a":{}}', '{"a":{"__proto__":{"x":1}}}'],
  'a prototype at the top': ['{"c":1}', '{"c":1,"__proto__":{"x":1}}'],
  'a constructor': ['{"d":{}}', '{"d":{"constructor":{"prototype":{}}}}'],
  'a letter and its accent (NFD)': ['{"a":"\u00e9"}', '{"a":"e\u0301"}'],
  'halves of two letters': ['{"a":"\\ud800"}', '{"a":"\\ud801"}'],
  'a half for what stands in for it': ['{"e":"\ufffd"}', '{"e":"\\udfff"}'],
  'a zero behind': ['{"a":"x"}', '{"a":"x\\u0000"}'],
  'a key with a zero': ['{"k":1}', '{"k\\u0000":1}'],
  'a context that nobody added': ['{"_context":{"timestamp":1}}', '{"_context":{"timestamp":2}}'],
  'a key of the gateway': ['{"f":1}', '{"f":1,"_meta":{}}'],
};

describe('security: answers remembered for something else', () => {
  let stage: Stage;
  before(async () => (stage = await setStage({ top: 'cache: { tools/call: { ttl: 5m, tools: ["*"] } }' })));
  after(() => stage.close());

  /** The arguments as the backend, or a memory of it, says that it got them; and whether it is a memory. */
  const echoed = async (args: string) => {
    const request = modernRequest('tools/call', { name: 'back_echo', arguments: '@' });
    const body = JSON.stringify(request.body).replace('"@"', args);
    const { result } = responseOf(await ask(stage.port, { ...request, body }));
    return {
      text: result?.content?.[0]?.text,
      isRemembered: result?._meta?.['io.sluice/cache'] !== undefined,
    };
  };

  for (const [what, [honest, forged]] of Object.entries(pairs))
    it(what, async () => {
      const planted = await echoed(forged);
      const own = await echoed(honest);
      assert.equal(own.isRemembered, false);
      assert.deepEqual(JSON.parse(own.text ?? ''), JSON.parse(honest));
      // Not a test of nothing: both are remembered, each as its own.
      const again = [await echoed(forged), await echoed(honest)];
      assert.deepEqual(again, [
        { ...planted, isRemembered: true },
        { ...own, isRemembered: true },
      ]);
    });

  it('the same in another order is the same', async () => {
    await echoed('{"p":1,"q":{"r":1,"s":2}}');
    assert.equal((await echoed('{ "q":{"s":2,"r":1}, "p":1.0 }')).isRemembered, true);
  });
});
