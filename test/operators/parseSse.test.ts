import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EMPTY, Subject, concat, from, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { parseSse, type SseEvent } from '../../src/operators/parseSse.js';

const parse = (...chunks: (string | Uint8Array)[]): SseEvent[] => {
  const events: SseEvent[] = [];
  from(chunks.map((chunk) => Buffer.from(chunk)))
    .pipe(parseSse({ maxEventBytes: 1000 }))
    .subscribe((event) => events.push(event));
  return events;
};

describe('parseSse', () => {
  it('reads fields, joins lines of data, skips comments', () =>
    assert.deepEqual(parse(': hi\nid: 1\nevent: message\ndata: a\ndata: b\n\n:\n\ndata:c\n\n'), [
      { id: '1', event: 'message', data: 'a\nb' },
      { data: 'c' },
    ]));

  it('keeps an event without data that has an id, and gives the retry to the next event', () =>
    assert.deepEqual(parse('id: 7\nretry: 500\ndata:\n\n'), [{ id: '7', retry: 500, data: '' }]));

  it('gives a retry that no event follows at the end', () =>
    assert.deepEqual(parse('data: a\n\nretry: 5\n\n'), [{ data: 'a' }, { retry: 5, data: '' }]));

  it('ignores a byte order mark, unknown fields and a bad retry', () =>
    assert.deepEqual(parse('\uFEFFdata: a\nwhat: x\nretry: soon\n\n'), [{ data: 'a' }]));

  it('drops an event that the end cuts short', () =>
    assert.deepEqual(parse('data: a\n\ndata: b'), [{ data: 'a' }]));

  it('does not care where chunks are split, within characters included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 7 }),
        (texts, end, size) => {
          const data = texts.map((text) => JSON.stringify(text));
          const bytes = Buffer.from(data.map((line) => `data: ${line}${end}${end}`).join(''));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
          // A lone CR at the very end may still be half of a line's end.
          assert.deepEqual(
            parse(...chunks, ':\n').map((event) => event.data),
            data,
          );
        },
      ),
    );
  });

  it('emits in the turn the last byte came', () => {
    const chunks = new Subject<Uint8Array>();
    const events: SseEvent[] = [];
    chunks.pipe(parseSse({ maxEventBytes: 100 })).subscribe((event) => events.push(event));
    chunks.next(Buffer.from('data: a\n'));
    assert.equal(events.length, 0);
    chunks.next(Buffer.from('\n'));
    assert.equal(events.length, 1);
  });

  it('refuses an event beyond the bound, however it comes', async () => {
    for (const chunk of ['data: ' + 'x'.repeat(60), 'data: xxxxxxxxx\n', 'y'.repeat(60)]) {
      const endless = from(Array.from({ length: 50 }, () => Buffer.from(chunk)));
      await assert.rejects(lastValueFrom(endless.pipe(parseSse({ maxEventBytes: 100 }))), {
        code: 'ERR_UPSTREAM_TOO_LARGE',
      });
    }
  });

  it('lets go of its source when it is unsubscribed, and when it fails', () => {
    const chunks = new Subject<Uint8Array>();
    const subscription = chunks.pipe(parseSse({ maxEventBytes: 100 })).subscribe();
    subscription.unsubscribe();
    assert.equal(chunks.observed, false);
    chunks.pipe(parseSse({ maxEventBytes: 1 })).subscribe({ error: () => undefined });
    chunks.next(Buffer.from('data: long\n'));
    assert.equal(chunks.observed, false);
  });

  it('passes on the end and the error of its source', async () => {
    assert.deepEqual(await lastValueFrom(EMPTY.pipe(parseSse({ maxEventBytes: 1 }), toArray())), []);
    const broken = concat(
      of(Buffer.from('data: a\n\n')),
      throwError(() => new Error('broken')),
    );
    await assert.rejects(lastValueFrom(broken.pipe(parseSse({ maxEventBytes: 100 }))), { message: 'broken' });
  });

  it('wants a bound', () => {
    assert.throws(() => parseSse({ maxEventBytes: 0 }), TypeError);
    assert.throws(() => parseSse({ maxEventBytes: NaN }), TypeError);
  });
});
