import assert from 'node:assert/strict';
import { map, throwError, timer } from 'rxjs';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import { GatewayError } from '../../src/protocol/errors.js';
import type { Counters } from '../../src/streams/counters.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { limiter } from '../../src/streams/limiter.js';
import { prompted } from '../../src/streams/prompted.js';
import type { Claim } from '../../src/streams/rateLimits.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { collect } from '../../src/testing/collect.js';
import { marbles } from '../../src/testing/marbles.js';

const claim = (name: string, max: number, isQuota = false): Claim => ({
  key: name,
  name,
  by: 'user',
  limit: { kind: isQuota ? 'quota' : 'bucket', max, windowMs: 10_000 },
  isQuota,
});

/** A call whose client hears of headers. */
const listening = (): { readonly exchange: Exchange; readonly heard: Record<string, string>[] } => {
  const heard: Record<string, string>[] = [];
  const outlet = { ...collect(), announce: (headers: Record<string, string>) => void heard.push(headers) };
  return { exchange: call('tools/call', { outlet }), heard };
};

const refused = (pass: () => unknown): GatewayError => {
  try {
    pass();
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return error;
  }
  assert.fail('it passed');
};

describe('streams/limiter', () => {
  const exact = () => memoryCounters({ maxKeys: 100, now: () => 1000 });

  it('passes at once what has room in all limits, and tells of each', () => {
    const { exchange, heard } = listening();
    const { pass } = limiter(exact());
    assert.equal(pass(exchange, [claim('a', 2), claim('b', 5, true)]), exchange);
    assert.deepEqual(heard, [
      { 'ratelimit-policy': '"a";q=2;w=10', ratelimit: '"a";r=1;t=5' },
      { 'ratelimit-policy': '"b";q=5;w=10', ratelimit: '"b";r=4;t=9' },
    ]);
    assert.equal(pass(exchange, []), exchange);
  });

  it('refuses with which limit it was, how high, and when to come back; with no word of others, and no stack', () => {
    const { exchange, heard } = listening();
    const { pass } = limiter(exact());
    pass(exchange, [claim('a', 1)]);
    const error = refused(() => pass(exchange, [claim('a', 1)]));
    assert.equal(error.code, 'ERR_RATE_LIMITED');
    assert.equal(error.facts.http, 429);
    assert.deepEqual(error.toJsonRpc(), {
      code: 4029,
      message: 'Too many requests: slow down (a: 1)',
      data: { limit: 'a', max: 1, by: 'user', remaining: 0, retryAfterMs: 10_000 },
    });
    assert.deepEqual(error.headers, { 'retry-after': '10' });
    assert.deepEqual(heard.at(-1), { 'ratelimit-policy': '"a";q=1;w=10', ratelimit: '"a";r=0;t=10' });
    assert.equal(error.stack?.includes('\n'), false);
  });

  it('a quota has a code and an outcome of its own', () => {
    const { exchange } = listening();
    const { pass } = limiter(exact());
    pass(exchange, [claim('q', 1, true)]);
    const { code, outcome, headers } = refused(() => pass(exchange, [claim('q', 1, true)]));
    assert.deepEqual(
      [code, outcome, headers],
      ['ERR_QUOTA_EXCEEDED', 'quota_exceeded', { 'retry-after': '9' }],
    );
  });

  it('what one limit refuses takes nothing from those behind it', () => {
    const { exchange } = listening();
    const { pass } = limiter(exact());
    pass(exchange, [claim('narrow', 1), claim('quota', 2)]);
    for (let i = 0; i < 10; i++) refused(() => pass(exchange, [claim('narrow', 1), claim('quota', 2)]));
    assert.equal(pass(exchange, [claim('quota', 2)]), exchange);
  });

  it('waits for counters that have to ask, one after the other, and for none after a refusal', () =>
    marbles(({ expectObservable }) => {
      const counters = exact();
      const asked: string[] = [];
      const far: Counters = {
        take: (key, units, limit) => {
          asked.push(key);
          return key === 'near'
            ? counters.take(key, units, limit)
            : timer(3).pipe(map(() => taken(key, units, limit)));
        },
        close: () => undefined,
      };
      const taken = (key: string, units: number, limit: Claim['limit']) => {
        const given = counters.take(key, units, limit);
        assert.ok('allowed' in given);
        return given;
      };
      const { pass } = limiter(far);
      const { exchange } = listening();
      const claims = [claim('one', 1), claim('near', 5), claim('two', 5)];
      expectObservable(prompted(pass(exchange, claims))).toBe('------(e|)', { e: exchange });
      expectObservable(prompted(pass(exchange, claims)).pipe(byCode())).toBe('---#', {}, 'ERR_RATE_LIMITED');
    }));

  it('an error of the counters is the error of the call', () =>
    marbles(({ expectObservable }) => {
      const broken: Counters = { take: () => throwError(() => new Error('away')), close: () => undefined };
      const passed = limiter(broken).pass(listening().exchange, [claim('a', 1)]);
      expectObservable(prompted(passed)).toBe('#', {}, new Error('away'));
    }));

  it('passes on transports without headers', () => {
    const exchange = call('tools/call', { outlet: collect() });
    assert.equal(limiter(exact()).pass(exchange, [claim('a', 1)]), exchange);
  });
});
