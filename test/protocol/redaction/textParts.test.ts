import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TextParts } from '../../../src/protocol/redaction/textParts.js';
import { redactorOf } from './rules.js';

const redactor = redactorOf({ detect: ['email', 'phone', 'card', 'iban', 'secret'] });

/** What comes out for parts, one text for each of them. */
const through = (parts: readonly string[]): string[] => {
  const texts = new TextParts<number>(redactor);
  const out: string[] = [];
  const take = (released: readonly { readonly item: number; readonly text: string }[]): void => {
    for (const { item, text } of released) {
      assert.equal(item, out.length, 'in order');
      out.push(text);
    }
  };
  for (const [index, part] of parts.entries()) take(texts.push(index, part));
  take(texts.flush());
  assert.equal(texts.size, 0);
  return out;
};

const values = [
  'ann.o+news@mail.example.org',
  '+49 170 1234567',
  '(415) 555-2671',
  '4111 1111 1111 1111',
  '378282246310005',
  'DE89 3704 0044 0532 0130 00',
  'Bearer abcdef0123456789',
  'AKIAIOSFODNN7EXAMPLE',
  'password: "hunter2!"',
  'api_key = a8f5f167f44f4964',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl',
  `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA\n'.repeat(40)}-----END RSA PRIVATE KEY-----`,
];

describe('protocol/redaction/textParts', () => {
  it('does not search all it holds again for each part', () => {
    let searched = 0;
    const counting = redactorOf({ detect: ['secret'] });
    const find = counting.find.bind(counting);
    counting.find = (text) => {
      searched += text.length;
      return find(text);
    };
    const texts = new TextParts<number>(counting);
    let given = 0;
    const parts = ['-----BEGIN RSA PRIVATE KEY-----\n', ...Array.from({ length: 5000 }, () => 'MIIEowIB')];
    for (const [index, part] of parts.entries()) given += texts.push(index, part).length;
    given += texts.flush().length;
    assert.equal(given, parts.length);
    const length = parts.join('').length;
    assert.ok(searched < 80 * length, `${searched} characters were searched of ${length}`);
  });

  for (const value of values)
    it(`finds ${JSON.stringify(value).slice(0, 40)} wherever it is cut in two, and cut into single characters`, () => {
      const text = `see ${value} for more`;
      const expected = redactor.text(text);
      assert.notEqual(expected, text);
      for (let at = 1; at < text.length; at++)
        assert.equal(through([text.slice(0, at), text.slice(at)]).join(''), expected, `cut at ${at}`);
      assert.equal(through(text.split('')).join(''), expected);
    });

  it('puts the mask into the part where the value begins and moves no other text', () =>
    assert.deepEqual(through(['mail al', 'ice@example.or', 'g now']), ['mail [redacted:email]', '', ' now']));

  it('gives a part back at once when nothing in it can go on', () => {
    const texts = new TextParts<string>(redactor);
    assert.deepEqual(texts.push('a', 'all done, '), [{ item: 'a', text: 'all done, ' }]);
    assert.equal(texts.size, 0);
  });

  it('holds what may go on until it does not', () => {
    const texts = new TextParts<string>(redactor);
    assert.deepEqual(texts.push('a', 'step 3 of 10'), []);
    assert.deepEqual(texts.push('b', 'step 4 of 10'), [{ item: 'a', text: 'step 3 of 10' }]);
    assert.deepEqual(texts.flush(), [{ item: 'b', text: 'step 4 of 10' }]);
  });

  it('reads a part that is a document as one', () =>
    assert.deepEqual(through(['{"a":"ann\\u0040example.com"}', 'x']), ['{"a":"[redacted:email]"}', 'x']));

  it('holds so much and no more', () => {
    const texts = new TextParts<number>(redactor);
    let released = 0;
    for (let index = 0; index < 5000; index++) released += texts.push(index, 'a'.repeat(100)).length;
    assert.ok(texts.size <= 256, `${texts.size} parts are held`);
    assert.equal(released + texts.size, 5000);
  });

  it('waits for the rest of what an own pattern may find', () => {
    const own = redactorOf({ patterns: ['case no [0-9]{6}'] });
    const texts = new TextParts<number>(own);
    assert.deepEqual(texts.push(0, 'about case n'), []);
    assert.deepEqual(texts.push(1, 'o 123456.'), []);
    assert.deepEqual(
      texts.flush().map(({ text }) => text),
      ['about [redacted:rule]', '.'],
    );
  });

  it('gives back the same as for the whole text, however that is cut', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...values), fc.string({ maxLength: 12 })), { maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (pieces, cuts) => {
          const text = `: ${pieces.join(' , ')}`;
          const places = [
            0,
            ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
            text.length,
          ];
          const parts = places.slice(1).map((place, index) => text.slice(places[index], place));
          assert.equal(through(parts).join(''), redactor.text(text));
        },
      ),
      { numRuns: 500 },
    ));
});
