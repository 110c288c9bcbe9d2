import assert from 'node:assert/strict';
import { clientResponse } from '../../src/handlers/clientResponse.js';
import { Asks } from '../../src/streams/asks.js';
import type { RequestId } from '../../src/protocol/jsonrpc.js';
import { accepted, type Answer, type AskReply } from '../../src/streams/reply.js';
import { enteredCall, sessionOf } from '../operators/scenarios.js';

const asking = () => {
  const answers: Answer[] = [];
  const ask: AskReply = {
    kind: 'ask',
    method: 'roots/list',
    params: {},
    answer: (answer) => void answers.push(answer),
  };
  return { ask, answers };
};
/** The id of an ask that found room. */
const opened = (asks: Asks, ask: AskReply): RequestId => {
  const id = asks.open('s1', ask);
  return id ?? assert.fail('there was no room');
};
const success = (id: string | number) => ({ jsonrpc: '2.0', id, result: { roots: [] } }) as const;

describe('streams/asks', () => {
  it('hands an answer, or an error, to whoever asked, once', () => {
    const asks = new Asks(() => 2);
    const [one, two] = [asking(), asking()];
    const [first, second] = [opened(asks, one.ask), opened(asks, two.ask)];
    assert.notEqual(first, second);
    const error = { code: -1, message: 'no' };
    asks.answer('s1', { jsonrpc: '2.0', id: second, error });
    asks.answer('s1', success(first));
    asks.answer('s1', success(first));
    assert.deepEqual([one.answers, two.answers], [[{ result: { roots: [] } }], [{ error }]]);
  });

  it('ignores another session, an unknown id, an id of another type, and none', () => {
    const asks = new Asks(() => 2);
    const { ask, answers } = asking();
    const id = opened(asks, ask);
    asks.answer('s2', success(id));
    asks.answer('s1', success('ask-999'));
    asks.answer('s1', success(Number(String(id).replace(/\D/g, ''))));
    asks.answer('s1', { jsonrpc: '2.0', id: null, error: { code: 1, message: '' } });
    asks.answer('s1', { jsonrpc: '2.0', error: { code: 1, message: '' } });
    assert.deepEqual(answers, []);
    asks.answer('s1', success(id));
    assert.equal(answers.length, 1);
  });

  it('forgets an ask whose call is over, and may be told so twice', () => {
    const asks = new Asks(() => 2);
    const { ask, answers } = asking();
    const id = opened(asks, ask);
    asks.drop('s1', id);
    asks.drop('s1', id);
    asks.drop('s2', id);
    asks.answer('s1', success(id));
    assert.deepEqual(answers, []);
  });
});

describe('streams/asks: their number', () => {
  it('is bounded for each session; one too many is answered with an error, and room comes back with an answer or its end', () => {
    const asks = new Asks(() => 2);
    const asked = Array.from({ length: 4 }, asking);
    const [a, b, over, later] = asked.map(({ ask }) => ask) as [AskReply, AskReply, AskReply, AskReply];
    const [first, second] = [opened(asks, a), opened(asks, b)];
    assert.equal(asks.open('s1', over), undefined);
    assert.deepEqual(asked[2]?.answers, [
      {
        error: {
          code: -32603,
          message: 'The client has too many questions to answer (streams.asks: 2)',
          data: { limit: 'streams.asks', max: 2 },
        },
      },
    ]);
    assert.notEqual(asks.open('s2', over), undefined);
    asks.answer('s1', success(first));
    opened(asks, later);
    assert.equal(asks.open('s1', over), undefined);
    asks.drop('s1', second);
    opened(asks, over);
    assert.equal(asks.of('s1'), 2);
  });
});

describe('handlers/clientResponse', () => {
  it('answers the ask of its own session only', () => {
    const asks = new Asks(() => 2);
    const { ask, answers } = asking();
    const response = success(opened(asks, ask));
    const handler = clientResponse(asks);
    const message = (id?: string) =>
      enteredCall('response', { id: null, params: { response } }, id === undefined ? id : sessionOf({ id }));
    for (const id of [undefined, 's2', 's1', 's1']) assert.equal(handler(message(id)), accepted);
    assert.equal(answers.length, 1);
  });
});
