import { of, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import assert from 'node:assert/strict';
import { within } from '../../src/operators/within.js';
import { service } from '../../src/streams/service.js';
import { result, type AskReply, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';

const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const r = result({});

/**
 * Draws a call with asks: `a` and `b` in `part` are asks, which the client answers in the frames of `answered`.
 * Silence may last 5, an answer 20, all of it 60.
 */
const drawn = (part: string, answered: string, expected: string, code?: string): void =>
  new TestScheduler((actual, wanted) => assert.deepEqual(actual, wanted)).run(
    ({ cold, hot, expectObservable, expectSubscriptions }) => {
      const got: string[] = [];
      const ask = (name: string): AskReply => ({
        kind: 'ask',
        method: name,
        params: {},
        answer: () => void got.push(name),
      });
      const source = cold(part, { n, r, a: ask('a'), b: ask('b') });
      const open = new Map<string, AskReply>();
      hot(answered).subscribe((name) => open.get(name)?.answer({ result: {} }));
      const replies$: Observable<Reply> = of(call('tools/call')).pipe(
        within(
          service(() => source),
          () => ({ firstByteMs: 5, idleMs: 5, askMs: 20, totalMs: 60 }),
        ),
      );
      const names = service((reply: Reply) => {
        if (reply.kind === 'ask') open.set(reply.method, reply);
        return of(reply.kind === 'ask' ? reply.method : reply.kind === 'result' ? 'r' : 'n');
      });
      expectObservable(replies$.pipe(names, byCode())).toBe(expected, undefined, code);
      if (code !== undefined)
        expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(expected.length - 2)}!`);
    },
  );

describe('streams/patience', () => {
  it('lets the client take longer than the backend may', () =>
    drawn('--a-------------r|', '------------a', '--a-------------r|'));

  it('waits for the backend again from the answer on', () =>
    drawn('--a------------------r', '---------a', '--a-----------#', 'ERR_UPSTREAM_TIMEOUT'));

  it('ends a call whose client does not answer', () =>
    drawn('--a--------------------------r', '', '--a-------------------#', 'ERR_INPUT_REFUSED'));

  it('gives a client no more time for an answer because the backend tells of progress', () =>
    drawn('--a----n----n-------------', '', '--a----n----n---------#', 'ERR_INPUT_REFUSED'));

  it('gives it more with the next question', () =>
    drawn('--a----b---------------r|', '-----------------------', '--a----b---------------r|'));

  it('waits for the last of several answers', () =>
    drawn('--ab-----------------r|', '------a-----------b', '--ab-----------------r|'));

  it('counts an answer once: the second of two asks is still open', () =>
    drawn('--ab----------------r|', '----a-a-a----------b', '--ab----------------r|'));

  it('is not moved by an answer to nothing', () =>
    drawn('-n---------r', '--a', '-n----#', 'ERR_UPSTREAM_TIMEOUT'));

  it('sees a backend speak while the client is asked', () =>
    drawn('--a---n---------r|', '-------------a', '--a---n---------r|'));
});
