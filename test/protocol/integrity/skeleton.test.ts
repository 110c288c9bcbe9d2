import assert from 'node:assert/strict';
import { skeleton } from '../../../src/protocol/integrity/skeleton.js';

describe('protocol/integrity/skeleton', () => {
  for (const name of [
    'eval',
    'Eval',
    'EVAL',
    'еval',
    'ｅｖａｌ',
    'e\u200bval',
    'évàl',
    '𝐞𝐯𝐚𝐥',
    'εval',
    '\u202eeval',
    'ΕVΑL',
  ])
    it(`takes ${JSON.stringify(name)} for eval`, () => assert.equal(skeleton(name), 'eval'));

  for (const name of ['evil', 'eval2', 'e_val', 'evals', ''])
    it(`takes ${JSON.stringify(name)} for something else`, () => assert.notEqual(skeleton(name), 'eval'));
});
