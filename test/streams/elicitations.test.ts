import assert from 'node:assert/strict';
import { Elicitations } from '../../src/streams/elicitations.js';
import { valve } from '../../src/streams/valve.js';

const bounds = { maxPerSession: 3, max: 5, ttlMs: 1000 };

/** A memory with a clock, and what each session has heard. */
const staged = () => {
  let time = 0;
  const all = new Elicitations({ ...bounds, now: () => time });
  return {
    all,
    pass: (ms: number) => void (time += ms),
    give: (sessionId: string, id: string, principalId = 'ann', server = 'pay') =>
      all.given({ server, principalId, sessionId, id }),
    done: (elicitationId: string, principalId?: string, server = 'pay') =>
      all.completed({ server, elicitationId, principalId }),
    hear: (sessionId: string, demand = valve()) => {
      const heard: string[] = [];
      const subscription = all.of(sessionId, demand).subscribe((id) => heard.push(id));
      return { heard, leave: () => subscription.unsubscribe() };
    },
  };
};

describe('streams/Elicitations', () => {
  it('tells the session that was given the id, once, and nobody else', () => {
    const { all, give, done, hear } = staged();
    const [one, two] = [hear('s1'), hear('s2')];
    give('s1', 'a');
    give('s2', 'b');
    for (const id of ['a', 'a', 'c']) done(id, 'ann');
    assert.deepEqual([one.heard, two.heard, all.size], [['a'], [], 1]);
  });

  it('takes no word from another server, or about another principal', () => {
    const { give, done, hear } = staged();
    const { heard } = hear('s1');
    give('s1', 'a');
    done('a', 'ann', 'evil');
    done('a', 'bob');
    assert.deepEqual(heard, []);
    done('a', 'ann');
    assert.deepEqual(heard, ['a']);
  });

  it('goes by the id alone where the server is one for all', () => {
    const { give, done, hear } = staged();
    const { heard } = hear('s1');
    give('s1', 'a');
    done('a', undefined);
    assert.deepEqual(heard, ['a']);
  });

  it('keeps what is done for a stream that is not open, or not read', () => {
    const { give, done, hear } = staged();
    const demand = valve();
    give('s1', 'a');
    give('s1', 'b');
    done('a');
    demand.pause();
    const { heard, leave } = hear('s1', demand);
    done('b');
    assert.deepEqual(heard, []);
    demand.resume();
    assert.deepEqual(heard, ['a', 'b']);
    leave();
    give('s1', 'c');
    done('c');
    assert.deepEqual(heard, ['a', 'b']);
    assert.deepEqual(hear('s1').heard, ['c']);
  });

  it('stops where the client becomes full in the middle', () => {
    const { all, give, done } = staged();
    const demand = valve();
    const heard: string[] = [];
    for (const id of ['a', 'b']) {
      give('s1', id);
      done(id);
    }
    all.of('s1', demand).subscribe((id) => {
      heard.push(id);
      demand.pause();
    });
    assert.deepEqual(heard, ['a']);
    demand.resume();
    assert.deepEqual(heard, ['a', 'b']);
  });

  it('hands over what a call tells on its own stream', () => {
    const { all, give, done, hear } = staged();
    give('s1', 'a');
    assert.deepEqual([all.take('pay', 's2', 'a'), all.take('evil', 's1', 'a')], [false, false]);
    assert.deepEqual([all.take('pay', 's1', 'a'), all.take('pay', 's1', 'a')], [true, false]);
    done('a');
    assert.deepEqual(hear('s1').heard, []);
  });

  it('forgets what is old, what is too much, and what belongs to an ended session', () => {
    const { all, give, pass, done, hear } = staged();
    for (const id of ['a', 'b', 'c', 'd']) give('s1', id);
    give('s1', 'x'.repeat(257));
    assert.equal(all.size, 3);
    for (const id of ['a', 'd']) done(id);
    assert.deepEqual(hear('s1').heard, ['d']);
    for (const session of ['s2', 's3', 's4', 's5']) give(session, 'e');
    assert.equal(all.size, bounds.max);
    done('b');
    assert.deepEqual(hear('s1').heard, []);
    pass(500);
    give('s6', 'f');
    all.endSession('s6');
    assert.equal(all.size, bounds.max - 1);
    pass(500);
    done('e');
    assert.deepEqual([hear('s2').heard, all.size], [[], 0]);
  });

  it('counts an elicitation that is given again once', () => {
    const { all, give, done, hear } = staged();
    give('s1', 'a');
    done('a');
    give('s1', 'a');
    const { heard } = hear('s1');
    assert.deepEqual([all.size, heard], [1, []]);
    done('a');
    assert.deepEqual(heard, ['a']);
  });
});
