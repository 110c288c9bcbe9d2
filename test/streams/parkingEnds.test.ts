import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import type { Reply } from '../../src/streams/reply.js';
import { accept, askedIn, n, r, round, staged } from './parkingStage.js';

describe('streams/parking, and how it ends', () => {
  it('cancels the call at the server when nobody comes back', () =>
    staged(({ call, ask, server, resume, passTo, parking }) => {
      const first = call();
      ask('a');
      passTo(500);
      const { id } = askedIn(first);
      assert.deepEqual([server.observed, parking.size], [true, 1]);
      passTo(1100);
      assert.deepEqual([server.observed, parking.size], [false, 0]);
      assert.equal(resume(id, {}).code, 'ERR_STATE_INVALID');
    }));

  it('keeps what the server says meanwhile, the newest of it', () =>
    staged(({ call, ask, server, resume, passTo }) => {
      const first = call();
      ask('a');
      passTo(20);
      for (let count = 1; count <= 100; count++) server.next(n(count));
      const second = resume(askedIn(first).id, {});
      assert.deepEqual(
        second.replies.slice(0, -1),
        [...Array(64).keys()].map((index) => n(index + 37)),
      );
      assert.deepEqual(askedIn(second).keys, ['ask-1']);
    }));

  it('brings an error that came meanwhile to the retry', () =>
    staged(({ call, ask, server, resume, passTo, answers }) => {
      const first = call();
      ask('a');
      passTo(20);
      server.error(new Error('gone'));
      const second = resume(askedIn(first).id, { 'ask-1': accept });
      assert.deepEqual([second.code, answers], ['ERR_INTERNAL', []]);
    }));

  it('brings an answer that came meanwhile to the retry, and leaves nothing parked', () =>
    staged(({ call, ask, server, resume, passTo, parking, answers }) => {
      const first = call();
      ask('a');
      passTo(20);
      server.next(n(1));
      server.next(r);
      const second = resume(askedIn(first).id, {});
      assert.deepEqual([second.replies, second.completed], [[n(1), r], true]);
      assert.deepEqual([parking.size, answers], [0, []]);
    }));

  it('tells of what came first before what the answer brings', () =>
    staged(({ call, server, resume, passTo }) => {
      const first = call();
      server.next({ kind: 'ask', method: 'roots/list', params: {}, answer: () => server.next(r) });
      passTo(20);
      server.next(n(1));
      const second = resume(askedIn(first).id, { 'ask-1': { roots: [] } });
      assert.deepEqual([second.replies, second.completed], [[n(1), r], true]);
    }));

  it('fails a call whose server ends without an answer', () =>
    staged(({ call, server }) => {
      const first = call();
      server.complete();
      assert.equal(first.code, 'ERR_UPSTREAM_FAILED');
    }));

  it('fails a retry whose server has ended without an answer', () =>
    staged(({ call, ask, server, resume, passTo }) => {
      const first = call();
      ask('a');
      passTo(20);
      server.complete();
      assert.equal(resume(askedIn(first).id, { 'ask-1': accept }).code, 'ERR_UPSTREAM_FAILED');
    }));

  it('refuses one more than there is room for, and cancels it', () =>
    staged(
      ({ call, ask, passTo, parking, server }) => {
        const first = call();
        ask('a');
        passTo(20);
        const other = new Subject<Reply>();
        const second = round(parking.watch(other, (id) => id));
        other.next({ kind: 'ask', method: 'roots/list', params: {}, answer: () => undefined });
        passTo(40);
        assert.deepEqual([first.completed, second.code, parking.size], [true, 'ERR_PARKED_EXHAUSTED', 1]);
        assert.deepEqual([server.observed, other.observed], [true, false]);
      },
      { max: 1 },
    ));

  it('bounds what one server may ask one client', () =>
    staged(({ call, ask, passTo, answers }) => {
      const first = call();
      for (let count = 1; count <= 70; count++) ask(String(count));
      assert.equal(answers.length, 6);
      assert.ok(answers.every(([, answer]) => 'error' in answer && answer.error.code === -32603));
      passTo(20);
      assert.equal(askedIn(first).keys.length, 64);
    }));

  it('cancels a call whose client goes before it is asked', () =>
    staged(({ call, ask, server, passTo, parking }) => {
      const first = call();
      ask('a');
      first.leave();
      assert.equal(server.observed, false);
      passTo(50);
      assert.equal(parking.size, 0);
    }));

  it('cancels a call whose client goes in a later round', () =>
    staged(({ call, ask, server, passTo, resume }) => {
      const first = call();
      ask('a');
      passTo(20);
      const second = resume(askedIn(first).id, { 'ask-1': accept });
      assert.equal(server.observed, true);
      second.leave();
      assert.equal(server.observed, false);
    }));

  it('lets a parked call be when the client of its first round goes', () =>
    staged(({ call, ask, server, passTo }) => {
      const first = call();
      ask('a');
      passTo(20);
      first.leave();
      assert.equal(server.observed, true);
    }));

  it('cancels all that is parked when it is closed', () =>
    staged(({ call, ask, server, passTo, parking, resume }) => {
      const first = call();
      ask('a');
      passTo(20);
      parking.close();
      assert.deepEqual([server.observed, parking.size], [false, 0]);
      assert.equal(resume(askedIn(first).id, {}).code, 'ERR_STATE_INVALID');
    }));
});
