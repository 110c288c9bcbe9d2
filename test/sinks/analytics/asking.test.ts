import assert from 'node:assert/strict';
import { limits } from '../../../src/config/limits.js';
import { AnalyticsError } from '../../../src/sinks/analytics/analyticsError.js';
import { Asking } from '../../../src/sinks/analytics/asking.js';
import type { ToStore } from '../../../src/sinks/analytics/storeMessages.js';

const { analyticsRunning: running, analyticsShare: share } = limits;

describe('Asking', () => {
  /** What the store was asked, oldest first; `kill` resolves `killed`. */
  const set = () => {
    const told: { readonly id: number; readonly sql: string }[] = [];
    let kill: () => void = () => undefined;
    const killed = new Promise<void>((resolve) => (kill = resolve));
    const asking = new Asking(
      (message: ToStore) => {
        assert.ok('ask' in message && 'sql' in message.ask.question);
        told.push({ id: message.id, sql: message.ask.question.sql });
      },
      () => kill(),
    );
    asking.opened();
    /** Resolves to the number that is the answer, or to the code of the error. */
    const ask = async (asker: { tenant?: string; user?: string }, sql: string, timeoutMs = 10_000) => {
      try {
        const bounds = { timeoutMs, maxRows: 1, maxBytes: 1, format: undefined };
        const answer = await asking.ask({ question: { sql }, tenant: asker.tenant, ...bounds }, asker.user);
        return 'rows' in answer && typeof answer.rows === 'object' ? answer.rows[0]?.[0] : undefined;
      } catch (error) {
        if (!(error instanceof AnalyticsError)) throw error;
        return error.code;
      }
    };
    const answer = (id: number) =>
      asking.answered({ id, rows: { columns: [], rows: [[id]], truncated: false } });
    const asked = () => told.map(({ sql }) => sql);
    return { asking, ask, answer, asked, told, killed };
  };
  const many = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);

  it('has a place for who belongs to no tenant, however much tenants ask', async () => {
    const { asking, ask, asked } = set();
    const of = (tenant: string) => many(50, () => ask({ tenant }, tenant));
    const all = ['red', 'blue', 'green', 'gold', 'grey'].flatMap(of);
    assert.equal(asked().length, running - 1, 'one runs for nobody else');
    const mine = ask({ user: 'ann' }, 'mine');
    assert.equal(asked().at(-1), 'mine');
    const waiting = many(share, () => ask({ user: 'ann' }, 'mine'));
    asking.close();
    assert.deepEqual(new Set(await Promise.all([mine, ...waiting])), new Set(['ERR_ANALYTICS_AWAY']));
    const busy = (await Promise.all(all)).filter((code) => code === 'ERR_ANALYTICS_BUSY');
    assert.equal(busy.length, all.length - (running - 1) - (limits.analyticsWaiting - share));
  });

  it('lets a tenant have its share of those that wait, and takes them in turns', async () => {
    const { asking, ask, answer, asked } = set();
    const all = many(running - 1 + share + 1, () => ask({ tenant: 'red' }, 'red'));
    assert.equal(await all.at(-1), 'ERR_ANALYTICS_BUSY');
    all.push(ask({ tenant: 'blue' }, 'blue'), ask({ tenant: 'blue' }, 'blue'));
    for (const id of [1, 2, 3, 4]) answer(id);
    assert.deepEqual(asked().slice(running - 1), ['red', 'blue', 'red', 'blue']);
    asking.close();
    await Promise.all(all);
  });

  it('ends the process for a question that does not heed its time, and asks the others again', async () => {
    const { asking, ask, answer, told, asked, killed } = set();
    const endless = ask({ tenant: 'red' }, 'endless', -2999);
    const beside = ask({ user: 'ann' }, 'beside');
    const others = many(running, () => ask({ user: 'ann' }, 'other'));
    await killed;
    asking.lost();
    assert.equal(await endless, 'ERR_QUERY_TIMEOUT');
    const before = told.length;
    asking.opened();
    // What ran when the process ended is asked alone: it may be what ended it.
    assert.equal(told.length, before + 1);
    for (let next = before; next < told.length; next++) answer(told[next]?.id ?? NaN);
    assert.equal(asked().filter((sql) => sql === 'endless').length, 1);
    for (const id of [await beside, ...(await Promise.all(others))]) assert.equal(typeof id, 'number');
  });

  it('asks again once: what ends two processes is refused, and what waits is not', async () => {
    const { asking, ask, answer, told } = set();
    const deadly = ask({ user: 'eve' }, 'deadly');
    asking.lost();
    const later = ask({ user: 'ann' }, 'later');
    asking.opened();
    asking.lost();
    assert.equal(await deadly, 'ERR_ANALYTICS_AWAY');
    asking.opened();
    answer(told.at(-1)?.id ?? NaN);
    assert.equal(await later, told.length);
  });

  it('does not wait for a process that does not open', async () => {
    const { asking, ask } = set();
    const one = ask({ user: 'ann' }, 'one');
    asking.lost();
    asking.lost();
    assert.equal(await one, 'ERR_ANALYTICS_AWAY');
  });
});
