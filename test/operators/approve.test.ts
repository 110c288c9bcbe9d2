import assert from 'node:assert/strict';
import { of, Subject, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { approve, type ApproveOptions } from '../../src/operators/approve.js';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { constant } from '../../src/streams/latest.js';
import type { ApprovableCall } from '../../src/streams/approvals.js';
import { result, type Answer, type AskReply, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { round, type Round } from '../streams/parkingStage.js';
import { resolvedCall, sessionOf, targetOf, tool } from './scenarios.js';

type Args = Readonly<Record<string, unknown>>;
interface CallParts {
  readonly name?: string;
  readonly args?: Args;
  readonly annotations?: Args;
  readonly capabilities?: Args;
  /** What belongs to a round. */
  readonly round?: Args;
  readonly user?: string;
}

const ofTool = ({ name = 'remove', args = { id: 1 }, annotations, round: more }: CallParts) => {
  const definition = tool(name, annotations && { annotations });
  return targetOf({ params: { name, arguments: args, ...more } }, definition);
};
const paramsOf = ({ name = 'remove', args = { id: 1 }, round: more }: CallParts) => ({
  name: `orders_${name}`,
  arguments: args,
  ...more,
});

/** A client of the 2026 era. */
const modern = (parts: CallParts = {}): ApprovableCall => {
  const { capabilities = { elicitation: {} }, user = 'ann' } = parts;
  const _meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities };
  const exchange = resolvedCall(ofTool(parts), { params: { ...paramsOf(parts), _meta } });
  return { ...exchange, principal: knownPrincipal({ id: user }) };
};
/** A client of the 2025 era. */
const legacy = (parts: CallParts = {}, id = 's1'): ApprovableCall => {
  const capabilities = (parts.capabilities ?? { elicitation: {} }) as Readonly<Record<string, object>>;
  const options = { version: '2025-11-25', params: paramsOf(parts) } as const;
  return resolvedCall(ofTool(parts), options, sessionOf({ id, capabilities }));
};

const done = result({ content: [] });
const yes = { action: 'accept', content: { decision: 'approve' } };
const always = { action: 'accept', content: { decision: 'approve', remember: true } };
const no = { action: 'accept', content: { decision: 'deny', reason: 'not that one' } };

interface Stage {
  readonly sent: readonly ApprovableCall[];
  answers(replies$: Observable<Reply>): void;
  send(exchange: ApprovableCall): Round;
  pass(ms: number): void;
}

const staged = (options: Partial<ApproveOptions<ApprovableCall>> = {}): Stage => {
  const clock = new TestScheduler(assert.deepEqual);
  clock.maxFrames = 0;
  const sent: ApprovableCall[] = [];
  let replies$: Observable<Reply> = of(done);
  const operator = approve<ApprovableCall>(
    service((exchange: ApprovableCall) => {
      sent.push(exchange);
      return replies$;
    }),
    {
      keys: constant([Buffer.alloc(32, 1)] as const),
      counters: memoryCounters({ maxKeys: 100, now: () => clock.now() }),
      scheduler: clock,
      ...options,
    },
  );
  return {
    sent,
    answers: (next$) => void (replies$ = next$),
    send: (exchange) => round(of(exchange).pipe(operator)),
    pass: (ms) => {
      // Virtual time goes on only where something happens.
      clock.schedule(() => undefined, ms);
      clock.maxFrames += ms;
      clock.flush();
    },
  };
};

const asked = ({ replies }: Round): AskReply => {
  const [ask] = replies;
  assert.ok(replies.length === 1 && ask?.kind === 'ask', JSON.stringify(replies));
  return ask;
};
/** The round that a client is asked for. */
const wanted = ({
  replies,
}: Round): { state: string; requests: Readonly<Record<string, { params: Args }>> } => {
  const [reply] = replies;
  assert.ok(
    reply?.kind === 'result' && reply.result['resultType'] === 'input_required',
    JSON.stringify(replies),
  );
  return { state: String(reply.result['requestState']), requests: reply.result['inputRequests'] as never };
};
const answering = (state: string, approval: Args = yes): Args => ({
  requestState: state,
  inputResponses: { approval },
});

describe('operators/approve', () => {
  it('lets what needs no approval pass, in the frame it came', () => {
    const { send, sent } = staged();
    for (const annotations of [{ readOnlyHint: true }, { destructiveHint: false }]) {
      const call = modern({ annotations });
      assert.deepEqual(send(call).replies, [done]);
      assert.equal(sent.at(-1), call);
      assert.equal(call.notes.approval, undefined);
    }
  });

  for (const [name, options, parts, isNeeded] of [
    ['by default, what may destroy', {}, {}, true],
    ['by default, what says it does', {}, { annotations: { destructiveHint: true } }, true],
    ['destructive said: what says nothing', { destructive: 'said' }, {}, false],
    [
      'destructive said: what says it does',
      { destructive: 'said' },
      { annotations: { destructiveHint: true } },
      true,
    ],
    [
      'destructive said, but only reads',
      { destructive: 'said' },
      { annotations: { destructiveHint: true, readOnlyHint: true } },
      false,
    ],
    ['a name as clients see it', { tools: ['orders_rem*'] }, {}, true],
    ['a name of the server', { tools: ['remove'] }, { annotations: { readOnlyHint: true } }, true],
    ['another name', { tools: ['create'] }, {}, false],
    ['no names at all', { tools: [] }, {}, false],
    ['a predicate that says so', { when: () => true }, { annotations: { readOnlyHint: true } }, true],
    ['a predicate that says no', { when: () => false }, {}, false],
    ['a predicate beside names', { tools: ['remove'], when: () => false }, {}, true],
  ] as const)
    it(`${isNeeded ? 'asks for' : 'passes'}: ${name}`, () => {
      const { send, sent } = staged(options);
      send(modern(parts));
      assert.equal(sent.length, isNeeded ? 0 : 1);
    });

  it('passes what is no tool, whatever it is called', () => {
    const { send, sent } = staged({ tools: ['*'] });
    send(resolvedCall({ method: 'resources/read', tool: undefined, params: { uri: 'x:y' } }));
    assert.equal(sent.length, 1);
  });

  describe('with a client of the 2025 era', () => {
    it('asks on its stream, and calls when it is approved', () => {
      const { send, sent } = staged();
      const call = legacy();
      const seen = send(call);
      const { method, params, answer } = asked(seen);
      assert.equal(method, 'elicitation/create');
      assert.match(String(params['message']), /orders_remove, a tool of the server orders.*\n\n {4}id: 1\n/);
      assert.equal(sent.length, 0);
      answer({ result: yes });
      assert.deepEqual(sent[0]?.target.params, call.target.params);
      assert.deepEqual(seen.replies.slice(1), [done]);
      assert.deepEqual([call.notes.approval?.answer, call.notes.approval?.by], ['approved', 'ann']);
    });

    for (const [name, given, answer] of [
      ['denied', { result: no }, 'denied'],
      ['declined', { result: { action: 'decline' } }, 'denied'],
      ['dismissed', { result: { action: 'cancel' } }, 'cancelled'],
      ['accepted as it was sent', { result: { action: 'accept', content: {} } }, 'denied'],
      ['answered by an error', { error: { code: -32603, message: 'no' } }, 'cancelled'],
    ] as const)
      it(`does not call what is ${name}`, () => {
        const { send, sent } = staged();
        const call = legacy();
        const seen = send(call);
        asked(seen).answer(given);
        assert.deepEqual(
          [seen.code, sent.length, call.notes.approval?.answer],
          ['ERR_NOT_APPROVED', 0, answer],
        );
      });

    it('does not call what nobody answers in time, also when the answer comes after that', () => {
      const { send, sent, pass } = staged({ timeoutMs: 100 });
      const seen = send(legacy());
      pass(99);
      assert.equal(seen.code, undefined);
      pass(2);
      assert.equal(seen.code, 'ERR_NOT_APPROVED');
      asked(seen).answer({ result: yes });
      assert.equal(sent.length, 0);
    });

    it('calls once, however often it is answered', () => {
      const { send, sent } = staged();
      const { answer } = asked(send(legacy()));
      for (const given of [yes, yes, no]) answer({ result: given });
      assert.equal(sent.length, 1);
    });

    it('calls nothing for a client that has left', () => {
      const { send, sent } = staged();
      const seen = send(legacy());
      const { answer } = asked(seen);
      seen.leave();
      answer({ result: yes });
      assert.equal(sent.length, 0);
    });

    it('cancels the call when its client leaves', () => {
      const { send, answers } = staged();
      const server = new Subject<Reply>();
      answers(server);
      const seen = send(legacy());
      asked(seen).answer({ result: yes });
      assert.equal(server.observed, true);
      seen.leave();
      assert.equal(server.observed, false);
    });

    it('refuses whom it can not ask', () => {
      for (const capabilities of [{}, { sampling: {} }, { elicitation: { url: {} } }]) {
        const { send, sent } = staged();
        const call = legacy({ capabilities });
        assert.equal(send(call).code, 'ERR_APPROVAL_REQUIRED');
        assert.deepEqual([sent.length, call.notes.approval?.answer], [0, 'unasked']);
      }
    });

    it('passes on what the approved tool asks', () => {
      const { send, answers } = staged();
      const given: Answer[] = [];
      const question: Reply = {
        kind: 'ask',
        method: 'roots/list',
        params: {},
        answer: (a) => void given.push(a),
      };
      answers(of(question, done));
      const seen = send(legacy());
      asked(seen).answer({ result: yes });
      assert.deepEqual(seen.replies.slice(1), [question, done]);
    });
  });

  describe('with a client of the 2026 era', () => {
    it('asks by a result, and calls with the retry', () => {
      const { send, sent } = staged();
      const first = modern();
      const { state, requests } = wanted(send(first));
      assert.deepEqual(Object.keys(requests), ['approval']);
      assert.equal(first.notes.approval?.answer, 'asked');
      const retry = modern({ round: answering(state) });
      assert.deepEqual(send(retry).replies, [done]);
      // The server sees nothing of the round.
      assert.deepEqual(sent[0]?.target.params, first.target.params);
      assert.deepEqual([retry.notes.approval?.answer, retry.notes.approval?.by], ['approved', 'ann']);
    });

    it('refuses whom it can not ask', () => {
      const { send, sent } = staged();
      assert.equal(send(modern({ capabilities: {} })).code, 'ERR_CAPABILITY_REQUIRED');
      assert.equal(sent.length, 0);
    });

    it('takes no answer that nobody asked for', () => {
      const { send, sent } = staged();
      const seen = send(modern({ round: { inputResponses: { approval: yes } } }));
      assert.deepEqual([sent.length, typeof wanted(seen).state], [0, 'string']);
    });

    for (const [name, answer] of [
      ['denied', no],
      ['dismissed', { action: 'cancel' }],
    ] as const)
      it(`does not call what is ${name}, nor later`, () => {
        const { send, sent } = staged();
        const { state } = wanted(send(modern()));
        assert.equal(send(modern({ round: answering(state, answer) })).code, 'ERR_NOT_APPROVED');
        assert.equal(send(modern({ round: answering(state) })).code, 'ERR_STATE_INVALID');
        assert.equal(sent.length, 0);
      });

    it('does not call what comes back without an answer', () => {
      const { send, sent } = staged();
      const { state } = wanted(send(modern()));
      assert.equal(send(modern({ round: { requestState: state } })).code, 'ERR_NOT_APPROVED');
      assert.equal(sent.length, 0);
    });

    for (const [name, parts] of [
      ['other arguments', { args: { id: 2 } }],
      ['an argument more', { args: { id: 1, all: true } }],
      ['another tool', { name: 'remove_all' }],
      ['another caller', { user: 'bob' }],
    ] as const)
      it(`takes no approval for ${name}`, () => {
        const { send, sent } = staged();
        const { state } = wanted(send(modern()));
        assert.equal(send(modern({ ...parts, round: answering(state) })).code, 'ERR_STATE_INVALID');
        assert.equal(sent.length, 0);
      });

    it('takes no state of anybody else', () => {
      const { send, sent } = staged();
      const stranger = staged({ keys: constant([Buffer.alloc(32, 2)] as const) });
      const { state } = wanted(stranger.send(modern()));
      for (const forged of [state, '', 'e30', `${wanted(send(modern())).state}A`, 7])
        assert.equal(
          send(modern({ round: { ...answering(''), requestState: forged } })).code,
          'ERR_STATE_INVALID',
        );
      assert.equal(sent.length, 0);
    });

    it('is good once', () => {
      const { send, sent } = staged();
      const { state } = wanted(send(modern()));
      send(modern({ round: answering(state) }));
      assert.equal(send(modern({ round: answering(state) })).code, 'ERR_STATE_INVALID');
      assert.equal(sent.length, 1);
    });

    it('is good until the deadline', () => {
      const { send, sent, pass } = staged({ timeoutMs: 100 });
      const { state } = wanted(send(modern()));
      pass(100);
      const late = modern({ round: answering(state) });
      assert.equal(send(late).code, 'ERR_NOT_APPROVED');
      assert.deepEqual([sent.length, late.notes.approval?.answer], [0, 'timed_out']);
    });

    for (const [name, upstream] of [
      ['with a state of its own', { requestState: 'theirs' }],
      ['without one', {}],
    ] as const)
      it(`does not ask again when the approved tool asks for something, ${name}`, () => {
        const { send, sent, answers } = staged();
        const { state } = wanted(send(modern()));
        answers(of(result({ resultType: 'input_required', inputRequests: { q: {} }, ...upstream })));
        const second = wanted(send(modern({ round: answering(state) })));
        assert.deepEqual(second.requests, { q: {} });
        answers(of(done));
        const inputResponses = { q: { action: 'accept' } };
        const third = modern({ round: { requestState: second.state, inputResponses } });
        assert.deepEqual(send(third).replies, [done]);
        assert.deepEqual(sent[1]?.target.params, {
          name: 'remove',
          arguments: { id: 1 },
          inputResponses,
          ...upstream,
        });
        assert.equal(third.notes.approval?.answer, 'approved');
        // Nor does its state do twice.
        assert.equal(
          send(modern({ round: { requestState: second.state, inputResponses } })).code,
          'ERR_STATE_INVALID',
        );
      });

    it('goes on with a round also when the call would need no approval any more, and never passes its state on', () => {
      let needed = true;
      const { send, sent } = staged({ when: () => needed });
      const { state } = wanted(send(modern()));
      needed = false;
      send(modern({ round: answering(state, no) }));
      assert.equal(sent.length, 0);
      send(modern({ round: { requestState: 'theirs' } }));
      assert.equal(sent[0]?.target.params['requestState'], 'theirs');
    });

    it('binds what is sent, but for what the gateway puts in itself', () => {
      const { send, sent } = staged();
      const enriched = (parts: CallParts, time: number, more: Args = {}): ApprovableCall => {
        const call = modern(parts);
        const args = { id: 1, _context: { time }, ...more };
        return { ...call, target: { ...call.target, params: { ...call.target.params, arguments: args } } };
      };
      const { state } = wanted(send(enriched({}, 1)));
      assert.equal(send(enriched({ round: answering(state) }, 2, { added: 1 })).code, 'ERR_STATE_INVALID');
      assert.deepEqual(send(enriched({ round: answering(state) }, 2)).replies, [done]);
      assert.deepEqual(sent[0]?.target.params['arguments'], { id: 1, _context: { time: 2 } });
    });
  });

  describe('remembers', () => {
    it('an approval that the person wants remembered, for the tool, the session and the time', () => {
      const { send, sent, pass } = staged({ rememberMs: 1000, tools: ['*'] });
      asked(send(legacy())).answer({ result: always });
      const again = legacy({ args: { id: 2 } });
      assert.deepEqual(send(again).replies, [done]);
      assert.equal(again.notes.approval?.answer, 'remembered');
      for (const other of [legacy({ name: 'other' }), legacy({}, 's2'), modern()]) {
        send(other);
        assert.equal(other.notes.approval?.answer, 'asked');
      }
      pass(1000);
      asked(send(legacy()));
      assert.equal(sent.length, 2);
    });

    it('of a client without sessions by who it is', () => {
      const { send } = staged({ rememberMs: 1000 });
      send(modern({ round: answering(wanted(send(modern())).state, always) }));
      assert.deepEqual(send(modern({ args: { id: 9 } })).replies, [done]);
      wanted(send(modern({ user: 'bob' })));
    });

    it('nothing where it is not offered, or not wanted', () => {
      for (const [options, answer] of [
        [{}, always],
        [{ rememberMs: 1000 }, yes],
      ] as const) {
        const { send } = staged(options);
        asked(send(legacy())).answer({ result: answer });
        asked(send(legacy()));
      }
    });

    it('nothing of somebody whom nobody knows', () => {
      const { send } = staged({ rememberMs: 1000 });
      const stranger = (more?: Args): ApprovableCall => ({
        ...modern(more && { round: more }),
        principal: { ...knownPrincipal({ id: 'anonymous' }), anonymous: true },
      });
      const { state, requests } = wanted(send(stranger()));
      assert.equal(JSON.stringify(requests).includes('remember'), false);
      send(stranger(answering(state, always)));
      wanted(send(stranger()));
    });
  });

  it('hides what the person is not to see, and takes words of one’s own', () => {
    const { send } = staged({
      hide: ['$.pin'],
      message: ({ target }, shown) => `${target.tool?.name}?\n${shown}`,
    });
    const { params } = asked(send(legacy({ args: { pin: '1234', id: 1 } })));
    assert.equal(params['message'], 'remove?\n    pin: "[redacted:hidden]"\n    id: 1');
  });

  it('asks nobody where the chain is only looked at', () => {
    const { send, sent } = staged({ isTrial: true });
    send(modern({ capabilities: {} }));
    assert.equal(sent.length, 1);
  });

  it('fails the call when the predicate does', () => {
    const { send, sent } = staged({
      when: () => {
        throw new Error('broken');
      },
    });
    assert.equal(send(modern()).code, 'ERR_INTERNAL');
    assert.equal(sent.length, 0);
  });

  it('refuses options that make no sense', () => {
    assert.throws(() => staged({ timeoutMs: 0 }), /approve: timeoutMs must be above 0/);
    assert.throws(() => staged({ rememberMs: Number.NaN }), /rememberMs/);
    assert.throws(() => staged({ hide: ['pin..['] }));
  });
});
