import assert from 'node:assert/strict';
import fc from 'fast-check';
import { detectors, type DetectorName } from '../../../src/protocol/redaction/detectors.js';

const found = (name: DetectorName, text: string): string[] => [
  ...new Set(detectors[name](text).map(({ start, end }) => text.slice(start, end))),
];

const pem = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA\n'.repeat(8)}-----END RSA PRIVATE KEY-----`;
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWFubg';

/** What has to be found in a text, by detector. */
const hits: Readonly<Record<DetectorName, readonly (readonly [text: string, ...values: string[]])[]>> = {
  email: [
    ['write to ann@example.com.', 'ann@example.com'],
    ['<ann.o+news@mail.example.co.uk>', 'ann.o+news@mail.example.co.uk'],
    ['mailto:ann@example.com?subject=x', 'ann@example.com'],
    ['https://x.example/?who=ann%40example.com&a=1', 'ann%40example.com'],
    ['jürgen@müller.example, Ann@EXAMPLE.ORG', 'jürgen@müller.example', 'Ann@EXAMPLE.ORG'],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ["o'neil@example.com", "o'neil@example.com"],
  ],
  phone: [
    ['call +14155552671 now', '+14155552671'],
    ['+49 170 1234567', '+49 170 1234567'],
    ['+44 (0)20 7946 0958.', '+44 (0)20 7946 0958'],
    ['tel:+1-415-555-2671', '+1-415-555-2671'],
    ['0049 170 1234567', '0049 170 1234567'],
    ['(415) 555-2671 or 415-555-2671', '(415) 555-2671', '415-555-2671'],
    ['415.555.2671', '415.555.2671'],
    ['0170 1234567, 030/12345678', '0170 1234567', '030/12345678'],
    ['020 7946 0958', '020 7946 0958'],
    ['01 23 45 67 89', '01 23 45 67 89'],
  ],
  card: [
    ['4111111111111111', '4111111111111111'],
    ['card: 4111 1111 1111 1111, exp 12/27', '4111 1111 1111 1111'],
    ['5555-5555-5555-4444', '5555-5555-5555-4444'],
    ['3782 822463 10005', '3782 822463 10005'],
    ['378282246310005', '378282246310005'],
    ['6011111111111117 and 3530111333300000', '6011111111111117', '3530111333300000'],
    ['2223003122003222', '2223003122003222'],
  ],
  iban: [
    ['DE89370400440532013000', 'DE89370400440532013000'],
    ['to DE89 3704 0044 0532 0130 00 and on', 'DE89 3704 0044 0532 0130 00'],
    ['GB82-WEST-1234-5698-7654-32', 'GB82-WEST-1234-5698-7654-32'],
    ['fr1420041010050500013m02606', 'fr1420041010050500013m02606'],
    ['NO9386011117947', 'NO9386011117947'],
  ],
  secret: [
    ['Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
    ['authorization: basic YW5uOmh1bnRlcjI=', 'YW5uOmh1bnRlcjI='],
    [`x ${jwt} y`, jwt],
    ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
    [
      'aws_secret_access_key = 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',
      'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY',
    ],
    [`ghp_${'aB3'.repeat(12)}`, `ghp_${'aB3'.repeat(12)}`],
    [`github_pat_${'aB3'.repeat(12)}`, `github_pat_${'aB3'.repeat(12)}`],
    ['xoxb-123456789012-abcdefGHIJKL', 'xoxb-123456789012-abcdefGHIJKL'],
    [
      'https://hooks.slack.com/services/T00000000/B00000000/aBcDeFgHiJkLmNoPqRsTuVwX',
      'T00000000/B00000000/aBcDeFgHiJkLmNoPqRsTuVwX',
    ],
    [`rk_live_${'aB3'.repeat(8)}`, `rk_live_${'aB3'.repeat(8)}`],
    ['password=hunter2!', 'hunter2!'],
    ['{"api_key": "a8f5f167f44f4964"}', 'a8f5f167f44f4964'],
    ["DB_PASSWORD => 's3cr3t-Pa55'", 's3cr3t-Pa55'],
    [`key:\n${pem}\nend`, pem],
    [`cut off: ${pem.slice(0, 60)}`, pem.slice(0, 60)],
  ],
};

/** What looks like it and is none. */
const misses: Readonly<Record<DetectorName, readonly string[]>> = {
  email: [
    'ann@localhost',
    '@ann',
    'a@b',
    'ann @ example.com',
    'npm i @types/node@20.1.0',
    'git@',
    'user@host:path',
    'x@1.2.3',
  ],
  phone: [
    '4155552671',
    '1763750000000',
    '2026-11-21 19:03:01',
    '2026-11-21T19:03:01+01:00',
    '192.168.100.200',
    '0123456789',
    '1.234.567,89',
    '123-456-7890',
    'a1b2c3d4-0415-4555-8267-1234567890ab',
    '+12',
    '+1234567890123456789',
    'v1.415.555.2671',
    '00123456789012',
  ],
  card: [
    '4111111111111112',
    '1234567812345670',
    '0000000000000000',
    '4111 11111111 1111',
    'id4111111111111111',
    '0.4111111111111111',
    '41111111111111111111111',
    '4111-1111 1111-1111',
    '9999999999999995',
  ],
  iban: [
    'DE88370400440532013000',
    'DE8937040044053201300',
    'DE893704004405320130000',
    'XX89370400440532013000',
    'XDE89370400440532013000',
    'DE89  3704 0044 0532 0130 00',
  ],
  secret: [
    'basic functionality of bearer instruments',
    'the token: required',
    'password=${DB_PASSWORD}',
    'password: ********',
    'api_key=<your key>',
    'secret=changeme',
    'tokenizer: sentencepiece',
    'a.b.c',
    'eyJ.x.y',
    'commit 2ce12905f0699ab1ed5d31',
    'AKIAIOSFODNN7EXAMPL',
    '-----BEGIN PUBLIC KEY-----',
    'max_tokens: 4096',
  ],
};

describe('protocol/redaction/detectors', () => {
  for (const name of Object.keys(detectors) as DetectorName[]) {
    describe(name, () => {
      for (const [text, ...values] of hits[name])
        it(`finds ${JSON.stringify(values).slice(0, 80)}`, () =>
          assert.deepEqual(found(name, text).sort(), [...values].sort()));
      for (const text of misses[name])
        it(`finds nothing in ${JSON.stringify(text)}`, () => assert.deepEqual(found(name, text), []));
    });
  }

  it('finds each card number that an issuer could give out, however it is grouped, and none with a digit changed', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 }),
        fc.constantFrom('', ' ', '-'),
        fc.integer({ min: 1, max: 15 }),
        (digits, separator, spoilt) => {
          const body = `4${digits.join('')}`;
          const number = body + checkDigit(body);
          const grouped = (text: string): string => (text.match(/.{4}/g) ?? []).join(separator);
          assert.deepEqual(found('card', `pay ${grouped(number)} now`), [grouped(number)]);
          const other = number.split('');
          other[spoilt] = String((Number(other[spoilt]) + 1) % 10);
          assert.deepEqual(found('card', `pay ${grouped(other.join(''))} now`), []);
        },
      ),
    ));

  it('finds each IBAN with the right check digits, and none with others', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 18, maxLength: 18 }),
        fc.integer({ min: 1, max: 96 }),
        (digits, off) => {
          const account = digits.join('');
          // D is 13, E is 14.
          const check = 98 - Number(BigInt(`${account}131400`) % 97n);
          const iban = (value: number): string => `DE${String(value).padStart(2, '0')}${account}`;
          assert.deepEqual(found('iban', `to ${iban(check)}.`), [iban(check)]);
          const wrong = ((check - 2 + off) % 97) + 2;
          assert.deepEqual(found('iban', `to ${iban(wrong)}.`), []);
        },
      ),
    ));

  it('gives spans within the text, whatever the text', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'a',
            '@',
            '.',
            '-',
            '4111',
            ' ',
            '+',
            '0',
            'eyJ',
            'token=',
            'DE89',
            '-----BEGIN ',
            'PRIVATE KEY-----',
            '\n',
            '"',
          ),
        ),
        (pieces) => {
          const text = pieces.join('');
          for (const find of Object.values(detectors))
            for (const { start, end } of find(text))
              assert.ok(0 <= start && start < end && end <= text.length, `${start}..${end} in ${text}`);
        },
      ),
    ));

  /** A megabyte of what each pattern is worst at: an engine that goes back and forth without bound would not end within the test's time. */
  const worst = [
    'a',
    'a@',
    'a@a.',
    '+1 ',
    '1',
    '1 ',
    '4111-',
    'DE89',
    'eyJaaaaaaaaaa.',
    'token',
    'token=',
    'bearer ',
    'passwd: ',
    'a.-',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '(0',
    '0 ',
  ];
  for (const piece of worst)
    it(`gets through a megabyte of ${JSON.stringify(piece)}`, () => {
      const text = piece.repeat(Math.ceil(2 ** 20 / piece.length));
      for (const find of Object.values(detectors)) assert.ok(Array.isArray(find(text)));
    });
});

/** The digit that makes Luhn's sum a multiple of ten, by the textbook. */
const checkDigit = (body: string): string => {
  const sum = body
    .split('')
    .reverse()
    .map((digit, index) => Number(digit) * (index % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return String((10 - (sum % 10)) % 10);
};
