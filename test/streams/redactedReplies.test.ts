import assert from 'node:assert/strict';
import { of, throwError } from 'rxjs';
import { GatewayError } from '../../src/protocol/errors.js';
import type { CallRedaction } from '../../src/streams/callRedaction.js';
import { redactedReplies } from '../../src/streams/redactedReplies.js';
import type { Answer, AskReply, NotificationReply, Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { redactorOf } from '../protocol/redaction/rules.js';

const redactor = redactorOf({ detect: ['email'] }, { name: 'no cards', detect: ['card'], action: 'refuse' });
const redaction: CallRedaction = { arguments: redactor, results: redactor, holdMs: 5 };

const progress = (message?: string): NotificationReply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress: 1, ...(message !== undefined && { message }) },
});
const text = (value: string): Reply => ({
  kind: 'result',
  result: { content: [{ type: 'text', text: value }] },
});

describe('streams/redactedReplies', () => {
  const r = text('to ann@example.com');
  const R = text('to [redacted:email]');

  it('passes what can not go on in its frame, redacted', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const values = { p: progress('ann@example.com, '), q: progress(), r };
      const replies = cold('--p-q-r|', values);
      const subs = '        ^------!';
      const expected = '    --P-q-R|';
      expectObservable(redactedReplies(replies, redaction)).toBe(expected, {
        ...values,
        P: progress('[redacted:email], '),
        R,
      });
      expectSubscriptions(replies.subscriptions).toBe(subs);
    }));

  it('holds a part for the next', () =>
    marbles(({ cold, expectObservable }) => {
      const replies = cold('--a--b---r|', { a: progress('to ann@exam'), b: progress('ple.com, '), r });
      const expected = '    -----(AB)R|';
      const values = { A: progress('to [redacted:email]'), B: progress(', '), R };
      expectObservable(redactedReplies(replies, redaction)).toBe(expected, values);
    }));

  it('holds it no longer than for its time', () =>
    marbles(({ cold, expectObservable }) => {
      const a = progress('step 3 of 10');
      const b = progress('step 4 of 10');
      const replies = cold('--a-b---------r|', { a, b, r });
      const expected = '    ----a----b----R|';
      expectObservable(redactedReplies(replies, redaction)).toBe(expected, { a, b, R });
    }));

  it('gives what it holds before an error, the end and the answer', () => {
    const a = progress('step 3 of 10');
    marbles(({ cold, expectObservable }) => {
      const replies = cold('-a-#', { a }, new Error('gone'));
      expectObservable(redactedReplies(replies, redaction)).toBe('---(a#)', { a }, new Error('gone'));
    });
    marbles(({ cold, expectObservable }) => {
      const replies = cold('-a-|', { a });
      expectObservable(redactedReplies(replies, redaction)).toBe('---(a|)', { a });
    });
    marbles(({ cold, expectObservable }) => {
      const replies = cold('-a-r---|', { a, r });
      expectObservable(redactedReplies(replies, redaction)).toBe('---(aR)|', { a, R });
    });
  });

  it('leaves the server when something is refused, and says by which rule', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const replies = cold('--p--r|', { p: progress('4111111111111111, '), r });
      const subs = '        ^-!';
      const expected = '    --#';
      expectObservable(redactedReplies(replies, redaction).pipe(byCode())).toBe(
        expected,
        {},
        'ERR_CONTENT_REFUSED',
      );
      expectSubscriptions(replies.subscriptions).toBe(subs);
    }));

  it('refuses in its time what was held', () =>
    marbles(({ cold, expectObservable }) => {
      const replies = cold('--p------r|', { p: progress('4111111111111111'), r });
      const expected = '    -------#';
      expectObservable(redactedReplies(replies, redaction).pipe(byCode())).toBe(
        expected,
        {},
        'ERR_CONTENT_REFUSED',
      );
    }));

  it('emits nothing after it was left', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const replies = cold('--a-----r|', { a: progress('step 3 of 10'), r });
      const unsub = '       ----!';
      const subs = '        ^---!';
      expectObservable(redactedReplies(replies, redaction), unsub).toBe('-----');
      expectSubscriptions(replies.subscriptions).toBe(subs);
    }));

  it('redacts what a client answers, and refuses it on behalf of the client', () => {
    const given: Answer[] = [];
    const asked: AskReply = {
      kind: 'ask',
      method: 'elicitation/create',
      params: { message: 'ann@example.com?' },
      answer: (answer) => void given.push(answer),
    };
    const seen: Reply[] = [];
    redactedReplies(of<Reply>(asked), redaction).subscribe((reply) => void seen.push(reply));
    const [question] = seen;
    assert.ok(question?.kind === 'ask');
    assert.deepEqual(question.params, { message: '[redacted:email]?' });
    question.answer({ result: { action: 'accept', content: { type: 'ann@example.com' } } });
    question.answer({ result: { action: 'accept', content: { n: '4111111111111111' } } });
    assert.deepEqual(given[0], { result: { action: 'accept', content: { type: '[redacted:email]' } } });
    const [, refused] = given;
    assert.ok(refused !== undefined && 'error' in refused);
    assert.deepEqual(refused.error.data, { rule: 'no cards', direction: 'results' });
  });

  it("redacts a server's error and keeps its code", () => {
    const error: Reply = {
      kind: 'error',
      error: { code: -32000, message: 'no ann@example.com', data: ['ann@example.com'] },
    };
    const seen: Reply[] = [];
    redactedReplies(of(error), redaction).subscribe((reply) => void seen.push(reply));
    assert.deepEqual(seen, [
      { kind: 'error', error: { code: -32000, message: 'no [redacted:email]', data: ['[redacted:email]'] } },
    ]);
  });

  it('passes failures of the gateway as they are', () => {
    const failure = new GatewayError('ERR_UPSTREAM_TIMEOUT', 'too late');
    const seen: unknown[] = [];
    redactedReplies(
      throwError(() => failure),
      redaction,
    ).subscribe({ error: (error) => void seen.push(error) });
    assert.deepEqual(seen, [failure]);
  });

  it('leaves replies alone where only arguments are redacted', () => {
    const only: CallRedaction = { ...redaction, results: undefined };
    const seen: Reply[] = [];
    redactedReplies(of(progress('ann@exam'), r), only).subscribe((reply) => void seen.push(reply));
    assert.deepEqual(seen, [progress('ann@exam'), r]);
  });
});
