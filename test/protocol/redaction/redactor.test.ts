import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GatewayError } from '../../../src/protocol/errors.js';
import { redactorOf } from './rules.js';

const mail = { detect: ['email'] } as const;

describe('protocol/redaction/redactor', () => {
  describe('texts', () => {
    it('masks what is found and nothing else', () =>
      assert.equal(
        redactorOf({ detect: ['email', 'card'] }).text('ann@example.com paid with 4111111111111111.'),
        '[redacted:email] paid with [redacted:card].',
      ));

    it('keeps the end of a masked value where that is wanted, and never more than half', () => {
      const { text } = {
        text: (value: string) =>
          redactorOf({ detect: ['card'], patterns: ['E\\d+'], keepLast: 4 }).text(value),
      };
      assert.equal(text('4111111111111111'), '[redacted:card …1111]');
      assert.equal(text('E123'), '[redacted:rule]');
    });

    it('hashes alike what is alike, and with another key otherwise', () => {
      const redactor = redactorOf({ ...mail, action: 'hash' });
      const [first, again, other] = ['ann@example.com', 'ann@example.com', 'bob@example.com'].map((value) =>
        redactor.text(value),
      );
      assert.match(String(first), /^\[redacted:email #[0-9a-f]{16}\]$/);
      assert.equal(again, first);
      assert.notEqual(other, first);
    });

    it('drops the value and leaves the rest', () =>
      assert.equal(redactorOf({ ...mail, action: 'drop' }).text('to ann@example.com now'), 'to  now'));

    it('refuses with the name of the rule and without the value', () =>
      assert.throws(
        () => redactorOf({ ...mail, name: 'no mail', action: 'refuse' }).text('ann@example.com'),
        (error) => {
          assert.ok(error instanceof GatewayError);
          assert.equal(error.code, 'ERR_CONTENT_REFUSED');
          assert.deepEqual(error.data, { rule: 'no mail', direction: 'results' });
          assert.ok(!JSON.stringify(error.toJsonRpc()).includes('ann@'));
          return true;
        },
      ));

    it('takes what overlaps for one, by the first rule, unless a later one refuses', () => {
      const text = 'id ann@example.com';
      const own = { name: 'own', patterns: ['id [a-z]+'] };
      assert.equal(redactorOf(own, mail).text(text), '[redacted:own]');
      assert.equal(redactorOf(mail, own).text(text), '[redacted:email]');
      assert.throws(() => redactorOf(own, { ...mail, action: 'refuse' }).text(text), GatewayError);
    });

    it('finds what is escaped as in a URL, once or several times, in part or whole', () => {
      const redactor = redactorOf({ detect: ['email', 'card'] });
      for (const [text, expected] of [
        ['q=%61nn%40example%2Ecom&x', 'q=[redacted:email]&x'],
        ['q=ann%2540example%252ecom&x', 'q=[redacted:email]&x'],
        ['n=4111%201111%201111%201111.', 'n=[redacted:card].'],
        ['100% of ann@example.com, 5%25', '100% of [redacted:email], 5%25'],
        ['a%20b%C3%A9', 'a%20b%C3%A9'],
      ] as const)
        assert.equal(redactor.text(text), expected);
    });

    it('reads JSON within text, escaped or not, and within that again', () => {
      const redactor = redactorOf(mail);
      assert.equal(redactor.text('{"a":"ann\\u0040example.com","n":1}'), '{"a":"[redacted:email]","n":1}');
      const inner = JSON.stringify({ who: 'ann@example.com' });
      assert.equal(
        redactor.text(JSON.stringify({ inner })),
        JSON.stringify({ inner: '{"who":"[redacted:email]"}' }),
      );
      assert.equal(
        redactor.text('{"a":"ann@example.com"}\n{"b":2}\n'),
        '{"a":"[redacted:email]"}\n{"b":2}\n',
      );
    });

    it('reads JSON whatever stands around it, and a JSON text that is nothing but one string', () => {
      const secret = String.raw`"ann\u0040example.com"`;
      assert.ok(
        !redactorOf(mail)
          .text(`${'\n'.repeat(100)}{"a":${secret}}`)
          .includes('example.com'),
      );
      assert.ok(!redactorOf(mail).text(`\uFEFF[${secret}]`).includes('example.com'));
      assert.equal(redactorOf(mail).text(secret), '"[redacted:email]"');
      assert.equal(redactorOf(mail).text('"no more than a word"'), '"no more than a word"');
      assert.equal(redactorOf(mail).text('"Quoted" and more'), '"Quoted" and more');
    });
    it('reads text in base64 by its type', () => {
      const blob = Buffer.from('ann@example.com').toString('base64');
      for (const mimeType of [
        'text/plain',
        'application/x-ndjson',
        'application/javascript',
        'application/ld+json',
      ]) {
        const [content] = redactorOf(mail).message({ contents: [{ uri: 'x:', mimeType, blob }] }).contents;
        assert.notEqual(content?.blob, blob, mimeType);
      }
    });
    it('writes JSON with the indentation it had, and leaves untouched what holds nothing', () => {
      const redactor = redactorOf(mail);
      const pretty = (value: unknown): string => JSON.stringify(value, undefined, 2);
      assert.equal(redactor.text(pretty({ a: 'ann@example.com' })), pretty({ a: '[redacted:email]' }));
      const untouched = '{ "big": 12345678901234567890,   "a": [ ] }';
      assert.equal(redactor.text(untouched), untouched);
    });
  });

  describe('documents', () => {
    it('gives back the very same object where nothing is found', () => {
      const value = { a: [1, 'x', { b: null }], c: 'd' };
      assert.equal(redactorOf(mail, { paths: ['$.none'], action: 'drop' }).document(value), value);
    });

    it('takes the name of a member for context: what follows `password` need not look like a token', () =>
      assert.deepEqual(
        redactorOf({ detect: ['secret'] }).document({ password: 'hunter2!', hobby: 'hunter2!' }),
        {
          password: '[redacted:secret]',
          hobby: 'hunter2!',
        },
      ));

    it('finds what is a name of a member, and keeps two that become one apart', () =>
      assert.deepEqual(redactorOf(mail).document({ 'ann@example.com': 1, 'bob@example.com': 2 }), {
        '[redacted:email]': 1,
        '[redacted:email] 2': 2,
      }));

    it('keeps the type of a number', () => {
      assert.deepEqual(redactorOf({ detect: ['card'] }).document({ card: 4111111111111111, n: 12345678 }), {
        card: 0,
        n: 12345678,
      });
      const hashed = redactorOf({ detect: ['card'], action: 'hash' }).document({ card: 4111111111111111 });
      assert.equal(typeof (hashed as { card: unknown }).card, 'number');
    });

    const document = {
      user: { name: 'Ann', ssn: '078-05-1120', salary: 70000, tags: ['a', 'b'], active: true, nothing: null },
      rows: [{ ssn: '1' }, { ssn: '2', x: 1 }],
    };
    const at = (path: string, action: 'mask' | 'drop' = 'mask'): unknown =>
      redactorOf({ name: 'hr', paths: [path], action }).document(document);
    const masked = '[redacted:hr]';
    const cases: [string, unknown][] = [
      ['$.user.ssn', { ...document, user: { ...document.user, ssn: masked } }],
      ['user.ssn', { ...document, user: { ...document.user, ssn: masked } }],
      ["$['user']['salary']", { ...document, user: { ...document.user, salary: 0 } }],
      ['$.user.active', { ...document, user: { ...document.user, active: false } }],
      ['$.user.tags', { ...document, user: { ...document.user, tags: [] } }],
      ['$.user.nothing', document],
      ['$.user.tags[1]', { ...document, user: { ...document.user, tags: ['a', masked] } }],
      ['$.rows[*].ssn', { ...document, rows: [{ ssn: masked }, { ssn: masked, x: 1 }] }],
      ['$.rows[-1].ssn', { ...document, rows: [{ ssn: '1' }, { ssn: masked, x: 1 }] }],
      ['$..ssn', { user: { ...document.user, ssn: masked }, rows: [{ ssn: masked }, { ssn: masked, x: 1 }] }],
      ['$.rows..*', { ...document, rows: [{}, {}] }],
      ['$.user.none', document],
    ];
    for (const [path, expected] of cases) it(`masks ${path}`, () => assert.deepEqual(at(path), expected));

    it('drops members and elements', () => {
      assert.deepEqual(at('$..ssn', 'drop'), { user: omit(document.user, 'ssn'), rows: [{}, { x: 1 }] });
      assert.deepEqual(at('$.user.tags[0]', 'drop'), {
        ...document,
        user: { ...document.user, tags: ['b'] },
      });
      assert.deepEqual(at('$', 'drop'), {});
    });

    it('looks only where its paths lead, where it has both', () =>
      assert.deepEqual(
        redactorOf({ ...mail, paths: ['$.to'] }).document({ to: ['ann@example.com'], cc: 'bob@example.com' }),
        { to: ['[redacted:email]'], cc: 'bob@example.com' },
      ));

    it('gives members named __proto__ no power', () => {
      const hostile = JSON.parse(
        '{"__proto__":{"polluted":"ann@example.com"},"a":"ann@example.com"}',
      ) as unknown;
      const redacted = redactorOf(mail).document(hostile) as Record<string, unknown>;
      assert.equal(redacted['polluted'], undefined);
      assert.equal(
        JSON.stringify(redacted),
        '{"__proto__":{"polluted":"[redacted:email]"},"a":"[redacted:email]"}',
      );
    });
  });

  describe('messages', () => {
    it('redacts all kinds of content, and leaves the protocol and media as they are', () => {
      const media = 'QUtJQUlPU0ZPRE5ON0VYQU1QTEU=';
      const result = {
        _meta: { 'io.modelcontextprotocol/x': 'ann@example.com', vendor: 'ann@example.com' },
        content: [
          { type: 'text', text: 'ann@example.com' },
          { type: 'image', data: media, mimeType: 'image/png' },
          {
            type: 'resource',
            resource: { uri: 'crm://ann@example.com', mimeType: 'text/plain', text: 'ann@example.com' },
          },
          {
            type: 'resource',
            resource: { uri: 'x://y', mimeType: 'text/csv', blob: base64('a,ann@example.com') },
          },
          { type: 'resource_link', uri: 'x://z', name: 'z', description: 'of ann@example.com' },
        ],
        structuredContent: { mail: 'ann@example.com', type: 'ann@example.com' },
        isError: false,
      };
      const mask = '[redacted:email]';
      assert.deepEqual(redactorOf(mail).message(result), {
        _meta: { 'io.modelcontextprotocol/x': 'ann@example.com', vendor: mask },
        content: [
          { type: 'text', text: mask },
          { type: 'image', data: media, mimeType: 'image/png' },
          { type: 'resource', resource: { uri: `crm://${mask}`, mimeType: 'text/plain', text: mask } },
          { type: 'resource', resource: { uri: 'x://y', mimeType: 'text/csv', blob: base64(`a,${mask}`) } },
          { type: 'resource_link', uri: 'x://z', name: 'z', description: `of ${mask}` },
        ],
        structuredContent: { mail: mask, type: mask },
        isError: false,
      });
    });

    it('calls a resource what it was called by who asked for it', () =>
      assert.deepEqual(
        redactorOf(mail).message(
          { contents: [{ uri: 'crm://ann@example.com', text: 'x' }] },
          'crm://ann@example.com',
        ),
        { contents: [{ uri: 'crm://ann@example.com', text: 'x' }] },
      ));

    it('redacts what a person has filled in, whatever the fields are called', () =>
      assert.deepEqual(redactorOf(mail).message({ action: 'accept', content: { type: 'ann@example.com' } }), {
        action: 'accept',
        content: { type: '[redacted:email]' },
      }));

    it('takes no value for the protocol’s that it could not have there', () => {
      const a = 'ann@example.com';
      const m = '[redacted:email]';
      const told = {
        content: [{ type: 'text', text: 'x', id: a, level: a, mimeType: a, format: a }],
        status: a,
        extra: { id: a, status: a, type: a, list: [{ level: a }] },
        task: { taskId: a, status: a, statusMessage: a },
      };
      assert.deepEqual(redactorOf(mail).message(told), {
        content: [{ type: 'text', text: 'x', id: m, level: m, mimeType: m, format: m }],
        status: m,
        extra: { id: m, status: m, type: m, list: [{ level: m }] },
        task: { taskId: a, status: m, statusMessage: m },
      });
    });

    it('redacts what stands beside elicitations in the data of an error', () => {
      const data = {
        elicitations: [
          {
            mode: 'url',
            url: 'https://x.example/?who=ann@example.com',
            elicitationId: 'e',
            message: 'ann@example.com',
          },
        ],
        status: 'ann@example.com',
        more: { id: 'ann@example.com' },
      };
      assert.deepEqual(redactorOf(mail).message({ code: -32042, message: 'x', data }), {
        code: -32042,
        message: 'x',
        data: {
          elicitations: [
            {
              mode: 'url',
              url: 'https://x.example/?who=ann@example.com',
              elicitationId: 'e',
              message: '[redacted:email]',
            },
          ],
          status: '[redacted:email]',
          more: { id: '[redacted:email]' },
        },
      });
    });

    it('leaves states, ids and the URLs of elicitations alone', () => {
      const asking = {
        resultType: 'input_required',
        requestState: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln',
        inputRequests: {
          a: {
            method: 'elicitation/create',
            params: { mode: 'url', url: 'https://x.example/?token=abcDEF123456', message: 'hi' },
          },
        },
      };
      assert.equal(redactorOf({ detect: ['secret'] }).message(asking), asking);
    });
  });

  it('finds nothing more in what it has redacted', () =>
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.array(fc.constantFrom('ann@example.com', '4111111111111111', 'token=abcDEF123456', 'plain'), {
          maxLength: 6,
        }),
        fc.constantFrom('mask' as const, 'hash' as const),
        (value, texts, action) => {
          const redactor = redactorOf({ detect: ['email', 'phone', 'card', 'iban', 'secret'], action });
          const once = redactor.document({ value, texts, text: texts.join(' ') });
          assert.deepEqual(redactor.document(once), once);
          assert.doesNotMatch(JSON.stringify(once), /ann@|4111111111111111|abcDEF123456/);
        },
      ),
    ));
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const omit = (from: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
