import assert from 'node:assert/strict';
import { faults } from '../config/data/read.js';

const server = 'servers: { a: { url: http://127.0.0.1:1 } }';

/** What a file says besides a harmless server, and what is said of it; `g.yaml` is how the reader of the test calls it. */
const files: Readonly<Record<string, readonly [yaml: string, says: RegExp]>> = {
  '__proto__ at the top': [
    `${server}\n__proto__: { polluted: 1 }`,
    /^g\.yaml:2:1: `__proto__` can not be a key/,
  ],
  '__proto__ in quotes': [
    `${server}\n"__proto__": { polluted: 1 }`,
    /^g\.yaml:2:1: `__proto__` can not be a key/,
  ],
  '__proto__ in escapes': [
    `${server}\n"\\u005f_proto__": { polluted: 1 }`,
    /^g\.yaml:2:1: `__proto__` can not be a key/,
  ],
  '__proto__ as a complex key': [
    `${server}\n? __proto__\n: { polluted: 1 }`,
    /^g\.yaml:2:3: `__proto__` can not be a key/,
  ],
  '__proto__ by an alias': [
    `x: &k __proto__\n${server}\n*k : { polluted: 1 }`,
    /^g\.yaml:3:1: Not valid YAML: With stringKeys, all keys must be strings/,
  ],
  '__proto__ by a merge': [
    `${server}\nlog: { <<: { __proto__: { polluted: 1 } } }`,
    /^g\.yaml:2:14: `__proto__` can not be a key/m,
  ],
  '__proto__ in a schema of a tool': [
    'servers: { a: { type: rest, url: http://127.0.0.1:1, tools: { t: { path: /, input_schema: { properties: { __proto__: { polluted: 1 } } } } } } }',
    /`__proto__` can not be a key/,
  ],
  'constructor.prototype': [
    `${server}\nconstructor: { prototype: { polluted: 1 } }`,
    /^g\.yaml:2:1: `constructor` is not a known key/,
  ],
  'a tag of JavaScript': [
    `${server}\nlog: !!js/function 'function () { return 1 }'`,
    /^g\.yaml:2:6: Not valid YAML: Unresolved tag/,
  ],
  'a tag of Python': [
    `${server}\nlog: !!python/object/apply:os.system ['true']`,
    /^g\.yaml:2:6: Not valid YAML: Unresolved tag/,
  ],
  'a key twice': [`${server}\n${server}`, /^g\.yaml:2:1: `servers` is written twice, first in line 1/],
  'two documents': [
    `${server}\n---\n${server}`,
    /^g\.yaml:2:1: Not valid YAML: Source contains multiple documents/,
  ],
  'a billion laughs': [
    `l0: &l0 [x, x]\n${Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`).join('\n')}`,
    /The file means more than 100000 values/,
  ],
  'a line feed in a header': [
    'servers: { a: { url: http://127.0.0.1:1, headers: { x: "a\\r\\nb: c" } } }',
    /^g\.yaml:1:\d+: `servers\.a\.headers\.x` must be text without line breaks and control characters/,
  ],
  'a name with a path': [
    'servers: { "../a": { url: http://127.0.0.1:1 } }',
    /^g\.yaml:1:12: `servers\["\.\.\/a"\]`: the key must be a name/,
  ],
  'a URL with a password': [
    'servers: { a: { url: "http://u:CANARY@127.0.0.1:1" } }',
    /^g\.yaml:1:22: `servers\.a\.url` must be an http:\/\/ or https:\/\/ URL without user, password/,
  ],
  'a file as URL': [
    'servers: { a: { url: "file:///etc/passwd" } }',
    /^g\.yaml:1:22: `servers\.a\.url` must be an http:\/\/ or https:\/\/ URL/,
  ],
};

describe('security: configuration files', () => {
  for (const [name, [yaml, says]] of Object.entries(files))
    it(`${name} is refused`, () => {
      const found = faults(yaml).join('\n');
      assert.match(found, says);
      assert.ok(!found.includes('CANARY'), found);
      assert.equal(({} as Readonly<Record<string, unknown>>)['polluted'], undefined);
    });
});
