import assert from 'node:assert/strict';
import { asyncScheduler, of } from 'rxjs';
import { Parking } from '../../src/streams/parking.js';
import { accept, askedIn, n, r, round, staged } from './parkingStage.js';

describe('streams/parking', () => {
  it('passes a call that is asked nothing', () =>
    staged(({ call, server, parking }) => {
      const seen = call();
      server.next(n(1));
      server.next(r);
      assert.deepEqual([seen.replies, seen.completed, parking.size], [[n(1), r], true, 0]);
    }));

  it('passes one that answers while it is subscribed', () => {
    const parking = new Parking({ ttlMs: 1, max: 1, scheduler: asyncScheduler });
    const seen = round(parking.watch(of(n(1), r), () => ''));
    assert.deepEqual([seen.replies, seen.completed], [[n(1), r], true]);
  });

  it('gathers what is asked in one breath into one round, and answers each', () =>
    staged(({ call, ask, server, answers, resume, parking, passTo }) => {
      const first = call();
      server.next(n(1));
      ask('a');
      ask('b', { message: 'b', elicitationId: 'e', _meta: { progressToken: 1, own: 2 } });
      assert.deepEqual([first.completed, parking.size], [false, 0]);
      passTo(20);
      const { keys, id, requests } = askedIn(first);
      assert.deepEqual(requests, {
        'ask-1': { method: 'elicitation/create', params: { message: 'a' } },
        'ask-2': { method: 'elicitation/create', params: { message: 'b', _meta: { own: 2 } } },
      });
      assert.deepEqual([first.replies.length, first.completed, parking.size], [2, true, 1]);
      const [one = '', two = ''] = keys;
      const second = resume(id, { [one]: accept, [two]: { action: 'decline' }, unknown: accept });
      assert.deepEqual(answers, [
        ['a', { result: accept }],
        ['b', { result: { action: 'decline' } }],
      ]);
      server.next(n(2));
      server.next(r);
      assert.deepEqual([second.replies, second.completed, parking.size], [[n(2), r], true, 0]);
      assert.equal(server.observed, true, 'the source ends by itself');
    }));

  for (const [what, responses] of [
    ['no answers', undefined],
    ['answers that are no object', 'yes'],
    ['an empty object', {}],
    ['an unknown key', { other: accept }],
    ['a malformed answer', { 'ask-1': 'yes' }],
    ['an array for an answer', { 'ask-1': [accept] }],
    ['null for an answer', { 'ask-1': null }],
    ['an inherited answer', Object.create({ 'ask-1': accept }) as unknown],
  ] as const)
    it(`asks again after ${what}, under a new id`, () =>
      staged(({ call, ask, server, answers, resume, passTo }) => {
        const first = call();
        ask('a');
        passTo(20);
        const { id } = askedIn(first);
        const second = resume(id, responses);
        const again = askedIn(second);
        assert.deepEqual([again.keys, second.completed, answers], [['ask-1'], true, []]);
        assert.notEqual(again.id, id);
        const third = resume(again.id, { 'ask-1': accept });
        server.next(r);
        assert.deepEqual([third.replies, answers.length], [[r], 1]);
      }));

  it('asks again for what is missing only', () =>
    staged(({ call, ask, answers, resume, passTo }) => {
      const first = call();
      ask('a');
      ask('b');
      passTo(20);
      const second = resume(askedIn(first).id, { 'ask-2': accept });
      assert.deepEqual([askedIn(second).keys, answers], [['ask-1'], [['b', { result: accept }]]]);
    }));

  it('goes as many rounds as the server asks', () =>
    staged(({ call, ask, server, resume, passTo, answers }) => {
      let seen = call();
      for (let count = 1; count <= 5; count++) {
        ask(String(count));
        passTo(count * 20);
        const { keys, id } = askedIn(seen);
        assert.deepEqual(keys, [`ask-${count}`]);
        seen = resume(id, { [`ask-${count}`]: accept });
      }
      server.next(r);
      assert.deepEqual([seen.replies, seen.completed, answers.length], [[r], true, 5]);
    }));

  it('refuses the second that comes with the same state', () =>
    staged(({ call, ask, server, resume, passTo, answers }) => {
      const first = call();
      ask('a');
      passTo(20);
      const { id } = askedIn(first);
      const second = resume(id, { 'ask-1': accept });
      const twice = resume(id, { 'ask-1': { action: 'decline' } });
      assert.equal(twice.code, 'ERR_STATE_INVALID');
      server.next(r);
      assert.deepEqual([second.replies, answers], [[r], [['a', { result: accept }]]]);
    }));
});
