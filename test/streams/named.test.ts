import assert from 'node:assert/strict';
import { map, NEVER, of, throwError, timer } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import { answer } from '../../src/streams/answer.js';
import { chain } from '../../src/streams/chain.js';
import type { Exchange, Pipeline } from '../../src/streams/exchange.js';
import { Marks } from '../../src/streams/marks.js';
import { named } from '../../src/streams/named.js';
import { refusedBy } from '../../src/streams/refusedBy.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { answerOf, service } from '../../src/streams/service.js';
import { stage } from '../../src/streams/stage.js';
import { StageTotals } from '../../src/streams/stageTotals.js';
import { stagesOf } from '../../src/streams/stagesOf.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

const passes = stage<unknown, unknown>((exchange) => exchange);
const waits = stage<unknown, unknown>((exchange) => timer(2).pipe(map(() => exchange)));
const refusing = stage<unknown, unknown>(() => {
  throw refusal('ERR_FORBIDDEN', 'no');
});
const answers = service<Exchange, Reply>(() => of(result({})));

const ended = (pipeline: Pipeline, method = 'tools/call'): Exchange => {
  const exchange = call(method);
  answer(pipeline, exchange).subscribe();
  return exchange;
};
const namesOf = (exchange: Exchange): readonly string[] => stagesOf(exchange).map(({ name }) => name);

describe('streams/named', () => {
  it('marks what a call has passed, in order, stages and services, and its answer', () => {
    const inner: Pipeline = chain(named('b', passes), named('c', answers));
    const exchange = ended(chain(named('a', passes), passes, service(answerOf(inner))));
    assert.deepEqual(namesOf(exchange), ['a', 'b', 'c', 'answer']);
    assert.equal(refusedBy(exchange), undefined);
  });

  it('each stage lasts until the next begins, and what is quick takes no time', () => {
    const stages = stagesOf(
      ended(chain(named('a', passes), named('b', passes, 'quick'), named('c', answers))),
    );
    const [a, b, c, last] = stages;
    assert.ok(a && b && c && last);
    assert.ok(a.start_ms >= 0);
    assert.deepEqual([b.start_ms, b.duration_ms], [c.start_ms, 0]);
    for (const [index, { start_ms, duration_ms }] of stages.slice(0, -1).entries()) {
      const next = stages[index + 1]?.start_ms ?? NaN;
      // Each of the three is rounded to a microsecond.
      assert.ok(Math.abs(start_ms + duration_ms - next) < 0.0025, `${start_ms} + ${duration_ms} = ${next}`);
    }
  });

  it('the stage that refused is the last, and there is no answer', () => {
    const exchange = ended(chain(named('a', passes), named('b', refusing), named('c', answers)));
    assert.deepEqual(namesOf(exchange), ['a', 'b']);
    assert.equal(refusedBy(exchange), 'b');
  });

  it('so is one that fails after it has waited', () => {
    const fails = stage<unknown, unknown>(() => throwError(() => refusal('ERR_UNAUTHENTICATED', 'no')));
    assert.equal(refusedBy(ended(chain(named('a', passes), named('b', fails), named('c', answers)))), 'b');
  });

  it('what stands after a stage that waits is marked when it is its turn', () =>
    marbles(({ flush }) => {
      const exchange = call('tools/call');
      answer(chain(named('a', waits), named('b', passes), named('c', answers)), exchange).subscribe();
      assert.deepEqual(namesOf(exchange), ['a']);
      flush();
      assert.deepEqual(namesOf(exchange), ['a', 'b', 'c', 'answer']);
    }));

  it('is marked in a chain that can not be fused as well', () => {
    const exchange = ended(
      chain(
        named('a', passes),
        map((same: Exchange) => same),
        named('b', answers),
      ),
    );
    assert.deepEqual(namesOf(exchange), ['a', 'b', 'answer']);
  });

  it('a call of many rounds is told of no further than so far', () => {
    const marks = new Marks();
    const id = Marks.idOf('again');
    for (let round = 0; round < 1000; round++) marks.enter(id);
    assert.equal([...marks.names()].length, 96);
  });
});

describe('streams/stageTotals', () => {
  const pipeline = (leaf = answers): Pipeline => chain(named('a', passes), named('b', leaf));

  it('counts what was entered and what was refused, by code', () => {
    const totals = new StageTotals();
    totals.ended(ended(pipeline()));
    totals.ended(ended(chain(named('a', refusing), named('b', answers))));
    assert.deepEqual(totals.read([]), [
      { name: 'a', entered: 2, now: 0, refused: new Map([['ERR_FORBIDDEN', 1]]) },
      { name: 'b', entered: 1, now: 0, refused: new Map() },
      { name: 'answer', entered: 1, now: 0, refused: new Map() },
    ]);
  });

  it('calls under way are counted where they are, and once', () => {
    const totals = new StageTotals();
    const standing = call('tools/call');
    const subscription = answer(pipeline(service(() => NEVER)), standing).subscribe();
    assert.deepEqual(totals.read([standing]), [
      { name: 'a', entered: 1, now: 0, refused: new Map() },
      { name: 'b', entered: 1, now: 1, refused: new Map() },
    ]);
    assert.deepEqual(totals.read([]), []);
    subscription.unsubscribe();
    totals.ended(standing);
    assert.deepEqual(
      totals.read([]).map(({ name, entered, now }) => [name, entered, now]),
      [
        ['a', 1, 0],
        ['b', 1, 0],
      ],
    );
  });
});
