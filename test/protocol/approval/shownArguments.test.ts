import assert from 'node:assert/strict';
import { shownArguments } from '../../../src/protocol/approval/shownArguments.js';

const room = { maxValue: 100, maxAll: 1000 };

describe('protocol/approval/shownArguments', () => {
  it('shows one argument a line, values as JSON', () =>
    assert.deepEqual(shownArguments({ id: 17, why: 'old', deep: { a: [1, null] } }, room), {
      text: '    id: 17\n    why: "old"\n    deep: {"a":[1,null]}',
      whole: true,
    }));

  it('says where there are none', () =>
    assert.deepEqual(shownArguments({}, room), { text: '    (none)', whole: true }));

  it('lets no value and no name pass for a line of its own', () => {
    const { text } = shownArguments({ note: 'x\n    id: 1', 'a: 1\n    b': 2, '[click](http://x)': 3 }, room);
    assert.deepEqual(text.split('\n'), [
      '    note: "x\\n    id: 1"',
      '    "a: 1\\n    b": 2',
      '    "[click](http://x)": 3',
    ]);
  });

  it('marks what can not be seen', () =>
    assert.equal(shownArguments({ to: 'a\u202eb' }, room).text, '    to: "a‹U+202E›b"'));

  it('cuts what is long, shows how it ends and says what is missing', () => {
    const { text, whole } = shownArguments({ sql: `SELECT 1; ${'-'.repeat(300)} DROP TABLE orders` }, room);
    assert.equal(whole, false);
    assert.match(text, /^ {4}sql: "SELECT 1; -+ …\(\d+ characters not shown\)… -* DROP TABLE orders"$/);
  });

  it('is bounded, whatever the arguments', () => {
    const many = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`${'n'.repeat(500)}${i}`, 'v'.repeat(500)]),
    );
    const { text, whole } = shownArguments(many, room);
    assert.equal(whole, false);
    assert.ok(text.length < 3000, String(text.length));
    assert.match(text, /… and \d+ more$/);
  });

  it('shows at most 50 arguments', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`a${i}`, i]));
    const { text, whole } = shownArguments(many, { ...room, maxAll: 100_000 });
    assert.deepEqual([text.split('\n').length, text.endsWith('… and 10 more'), whole], [51, true, false]);
  });
});
