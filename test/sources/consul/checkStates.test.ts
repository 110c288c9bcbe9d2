import assert from 'node:assert/strict';
import { checkStates, ofNodes } from '../../../src/sources/consul/checkStates.js';

const check = (ServiceName: string, Status: string, more: object = {}) => ({
  Node: 'n',
  CheckID: 'c',
  ServiceID: `${ServiceName}-1`,
  ServiceName,
  Status,
  ...more,
});
/** Services whose text is another one. */
const changed = (before: unknown, after: unknown): readonly string[] => {
  const [a, b] = [checkStates(before), checkStates(after)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
};

describe('the state of all checks', () => {
  const before = [check('', 'passing'), check('a', 'passing'), check('b', 'passing')];
  const cases: [string, unknown, readonly string[]][] = [
    ['nothing', before, []],
    ['one fails', [check('', 'passing'), check('a', 'critical'), check('b', 'passing')], ['a']],
    ['one has gone', [check('', 'passing'), check('b', 'passing')], ['a']],
    ['one has come', [...before, check('b', 'passing', { CheckID: 'd' })], ['b']],
    ['a node fails', [check('', 'critical'), ...before.slice(1)], [ofNodes]],
    ['it says something else', [before[0], check('a', 'passing', { Output: 'fine' }), before[2]], []],
    ['another instance', [before[0], check('a', 'passing', { ServiceID: 'a-2' }), before[2]], ['a']],
    ['no answer at all', null, ['', 'a', 'b']],
    ['what is no check', [...before, null, 'x', 1], []],
  ];
  for (const [what, after, names] of cases)
    it(`${what}: ${names.join() || 'none'}`, () => assert.deepEqual(changed(before, after), names));
});
