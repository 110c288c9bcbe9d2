import assert from 'node:assert/strict';
import { filledTemplate } from '../../src/protocol/filledTemplate.js';

const values = { var: 'value', hello: 'Hello World!', path: '/foo/bar', x: '1024', y: '768', n: 1 };

/** Examples of RFC 6570, 3.2, and what is not known. */
const cases: readonly (readonly [template: string, filled: string])[] = [
  ['x://{var}', 'x://value'],
  ['{hello}', 'Hello%20World!'],
  ['{+path}/here', '/foo/bar/here'],
  ['{+hello}', 'Hello%20World!'],
  ['X{#hello}', 'X#Hello%20World!'],
  ['X{.x,y}', 'X.1024.768'],
  ['{/var,x}/here', '/value/1024/here'],
  ['{;x,y}', ';x=1024;y=768'],
  ['{?x,y}', '?x=1024&y=768'],
  ['?fixed=yes{&x}', '?fixed=yes&x=1024'],
  ['map?{x,y}', 'map?1024,768'],
  ['{var:30}', 'value'],
  ['a/{other}/{var}', 'a/{other}/value'],
  ['{x,other}', '{x,other}'],
  ['{n}', '{n}'],
  ['{toString}', '{toString}'],
  ['plain', 'plain'],
];

describe('protocol/filledTemplate', () => {
  for (const [template, filled] of cases)
    it(`${template} → ${filled}`, () => assert.equal(filledTemplate(template, values), filled));
});
