import assert from 'node:assert/strict';
import { visibleText } from '../../../src/protocol/approval/visibleText.js';

describe('protocol/approval/visibleText', () => {
  for (const [name, given, shown] of [
    ['plain text', 'delete order 17, "now"', 'delete order 17, "now"'],
    ['accents', 'Müller, Crème brûlée, São Paulo', 'Müller, Crème brûlée, São Paulo'],
    ['a script of its own', 'удалить на складе', 'удалить на складе'],
    ['Greek, Chinese, emoji', 'αβγδ 删除 🗑', 'αβγδ 删除 🗑'],
    ['a word that is Latin but for one letter', 'раyroll', 'р‹U+0440›а‹U+0430›yroll'],
    ['a word of look-alikes alone', 'copy сору', 'copy с‹U+0441›о‹U+043E›р‹U+0440›у‹U+0443›'],
    ['wide letters', 'ｒｍ', 'ｒ‹U+FF52›ｍ‹U+FF4D›'],
    ['writing that turns round', 'gpj.\u202eexe', 'gpj.‹U+202E›exe'],
    ['zero width', 'ad\u200bmin', 'ad‹U+200B›min'],
    ['terminal sequences', '\u001b[2Jok', '‹U+001B›[2Jok'],
    ['a line that is none', 'a\u2028b\nc', 'a‹U+2028›b‹U+000A›c'],
    ['blanks that are wide', 'a\u00a0b\u3000c', 'a‹U+00A0›b‹U+3000›c'],
    ['tags', 'x\u{e0041}', 'x‹U+E0041›'],
    ['half a pair', 'x\ud83d', 'x‹U+D83D›'],
  ] as const)
    it(`shows ${name}`, () => assert.equal(visibleText(given), shown));
});
