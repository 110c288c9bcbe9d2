import assert from 'node:assert/strict';
import { of, Subject, type Observable } from 'rxjs';
import { fault, type FaultOptions, type FaultRule } from '../../src/operators/fault.js';
import type { GatewayError } from '../../src/protocol/errors.js';
import type { Exchange, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { resolvedCall, targetOf, tool } from './scenarios.js';

type Call = Exchange & Resolved;

const r = result({});
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const values = { r, n };
const always = { on: true, random: () => 0 };
const to = (name: string, server = 'orders'): Call =>
  resolvedCall({ ...targetOf({}, tool(name)), server: serverOffering(server, {}) });
const failing = (part$: Observable<Reply>, rule: FaultRule, more: Partial<FaultOptions> = {}) =>
  fault<Call>(
    service(() => part$),
    { ...always, rules: [rule], ...more },
  );

describe('operators/fault', () => {
  it('is off unless told, and can be turned on and off while it runs', () => {
    let on = false;
    const operator = failing(of(r), { share: 1, error: 'ERR_UPSTREAM_FAILED' }, { on: () => on });
    const got: unknown[] = [];
    const send = () =>
      of(to('get'))
        .pipe(operator, byCode())
        .subscribe({ next: (reply) => got.push(reply), error: (code) => got.push(code) });
    send();
    on = true;
    send();
    assert.deepEqual(got, [r, 'ERR_UPSTREAM_FAILED']);
  });

  it('delays a call before it is sent', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('                 -n-(r|)', values);
      const sent$ = cold('(a|)', { a: to('get') }).pipe(failing(part, { share: 1, delayMs: 3 }));
      expectObservable(sent$).toBe('     ----n-(r|)', values);
      expectSubscriptions(part.subscriptions).toBe('---^--!');
    }));

  it('delays by something between two times', () =>
    marbles(({ cold, expectObservable }) => {
      const part = cold('(r|)', values);
      const rule = { share: 1, delayMs: [2, 6] as const };
      const sent$ = cold('(a|)', { a: to('get') }).pipe(failing(part, rule, { random: () => 0.5 }));
      expectObservable(sent$).toBe('----(r|)', values);
    }));

  it('who leaves while delayed is not sent', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('(r|)', values);
      const sent$ = cold('(a|)', { a: to('get') }).pipe(failing(part, { share: 1, delayMs: 3 }));
      expectObservable(sent$, '--!').toBe('-', values);
      expectSubscriptions(part.subscriptions).toBe([]);
    }));

  it('fails without sending, after the delay if there is one', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('(r|)', values);
      const rule = { share: 1, error: 'ERR_NO_INSTANCE', delayMs: 2 } as const;
      const sent$ = cold('(a|)', { a: to('get') }).pipe(failing(part, rule), byCode());
      expectObservable(sent$).toBe('--#', values, 'ERR_NO_INSTANCE');
      expectSubscriptions(part.subscriptions).toBe([]);
    }));

  it('cuts the connection after a time, which cancels the call', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('                -n----(r|)', values);
      const sent$ = cold('(a|)', { a: to('get') }).pipe(failing(part, { share: 1, cutMs: 3 }), byCode());
      expectObservable(sent$).toBe('     -n-#', values, 'ERR_UPSTREAM_FAILED');
      expectSubscriptions(part.subscriptions).toBe('^--!');
    }));

  for (const cutMs of [9, Infinity])
    it(`cuts it at the latest when the answer comes (${cutMs}): it was done, and nobody knows`, () =>
      marbles(({ cold, expectObservable }) => {
        const part = cold('                -n-(r|)', values);
        const sent$ = cold('(a|)', { a: to('get') }).pipe(failing(part, { share: 1, cutMs }), byCode());
        expectObservable(sent$).toBe('     -n-#', values, 'ERR_UPSTREAM_FAILED');
      }));

  it('hits the share of calls that chance says, and the same ones with the same numbers', () => {
    const hits = () => {
      let at = 0;
      const numbers = [0.1, 0.3, 0.29, 0.9];
      const random = () => numbers[at++] ?? 1;
      const operator = failing(of(r), { share: 0.3, error: 'ERR_INTERNAL' }, { random });
      return numbers.map(() => {
        let code = 'none';
        of(to('get'))
          .pipe(operator)
          .subscribe({ error: (error: GatewayError) => (code = error.code) });
        return code;
      });
    };
    assert.deepEqual(hits(), ['ERR_INTERNAL', 'none', 'ERR_INTERNAL', 'none']);
    assert.deepEqual(hits(), hits());
  });

  it('takes the first rule that is about the call, by server and tool', () => {
    const codes = [to('get'), to('put'), to('get', 'stock')].map((call) => {
      const operator = fault<Call>(
        service(() => new Subject<Reply>()),
        {
          ...always,
          rules: [
            { share: 1, servers: ['ord*'], tools: ['p*'], error: 'ERR_SERVER_BUSY' },
            { share: 1, servers: ['stock'], error: 'ERR_NO_INSTANCE' },
            { share: 0, error: 'ERR_INTERNAL' },
            { share: 1, tools: ['g*'], error: 'ERR_OVERLOADED' },
          ],
        },
      );
      let code = 'none';
      of(call)
        .pipe(operator)
        .subscribe({ error: (error: GatewayError) => (code = error.code) });
      return code;
    });
    assert.deepEqual(codes, ['ERR_OVERLOADED', 'ERR_SERVER_BUSY', 'ERR_NO_INSTANCE']);
  });

  it('says in its message that it was asked for', () => {
    let message = '';
    of(to('get'))
      .pipe(failing(of(r), { share: 1, error: 'ERR_UPSTREAM_FAILED' }))
      .subscribe({ error: (error: Error) => ({ message } = error) });
    assert.equal(message, 'A fault that was asked for (operator fault)');
  });

  const wrong: [string, FaultRule][] = [
    ['a rule needs delayMs, error or cutMs', { share: 1 }],
    ['share must be a number from 0 to 1', { share: 10, error: 'ERR_INTERNAL' }],
    ['share must be a number from 0 to 1', { share: NaN, error: 'ERR_INTERNAL' }],
    ['delayMs must be a number', { share: 1, delayMs: -1 }],
    ['delayMs must be a number', { share: 1, delayMs: [3, 1] }],
    ['cutMs must be a number', { share: 1, cutMs: NaN }],
    ['ERR_NONE is no code', { share: 1, error: 'ERR_NONE' as never }],
  ];
  for (const [message, rule] of wrong)
    it(`refuses what makes no sense: ${JSON.stringify(rule)}`, () =>
      assert.throws(() => failing(of(r), rule), { name: 'TypeError', message: new RegExp(message) }));
});
