import assert from 'node:assert/strict';
import { of, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { refusal } from '../../src/protocol/errors.js';
import { ConnectWaits } from '../../src/streams/connectWaits.js';
import type { GrantRecord, GrantStore } from '../../src/streams/grants.js';

const granted = (given: number): GrantRecord => ({
  clients: {},
  given,
  grant: { issuer: 'https://as.example', resource: '', scopes: [], accessToken: 'token' },
});

describe('streams/connectWaits', () => {
  const scheduler = (): TestScheduler =>
    new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
  /** Looks every 3 frames, for 10. */
  const waitsOn = (read: () => Observable<GrantRecord | undefined>, time: TestScheduler, max = 10) => {
    const people: GrantStore = { read, write: () => of<never>() };
    return new ConnectWaits({ people, lookMs: 3, ttlMs: 10, max, maxPerGrant: 2, scheduler: time });
  };
  const asked = (id: string) =>
    ({ elicitationId: id, server: 'crm', principalId: 'ann', key: `key ${id}`, before: 5 }) as const;

  it('hears at once of a page that is done here', () => {
    const time = scheduler();
    let record: GrantRecord | undefined;
    const waits = waitsOn(() => of(record), time);
    time.run(({ cold, expectObservable }) => {
      cold('-a').subscribe(() => {
        record = granted(9);
        waits.given('key a');
      });
      expectObservable(waits.until('key a', 5)).toBe('-(y|)', { y: true });
    });
  });

  it('finds what was done elsewhere when it looks, and asks again where the store was away', () => {
    const time = scheduler();
    const answers = [throwError(() => refusal('ERR_STORE_AWAY', 'away')), of(granted(5)), of(granted(9))];
    const waits = waitsOn(() => answers.shift() ?? of(undefined), time);
    time.run(({ expectObservable }) => {
      expectObservable(waits.until('key a', 5)).toBe('------(y|)', { y: true });
    });
  });

  it('takes no grant of before, and none of somebody else, for the answer', () => {
    const time = scheduler();
    const waits = waitsOn(() => of(granted(5)), time);
    time.run(({ cold, expectObservable }) => {
      cold('-a').subscribe(() => waits.given('key b'));
      expectObservable(waits.until('key a', 5), '--------!').toBe('---------');
    });
  });

  it('tells of pages that sessions were sent to, in any order, until they are too old', () => {
    const time = scheduler();
    const done = new Set<string>();
    const people: GrantStore = {
      read: (key) => of(done.has(key) ? granted(9) : granted(5)),
      write: () => of<never>(),
    };
    const waits = new ConnectWaits({
      people,
      lookMs: 3,
      ttlMs: 10,
      max: 10,
      maxPerGrant: 2,
      scheduler: time,
    });
    time.run(({ cold, expectObservable }) => {
      cold('abc').subscribe((id) => waits.tell(asked(id)));
      cold('-----b---------c').subscribe((id) => {
        done.add(`key ${id}`);
        waits.given(`key ${id}`);
      });
      expectObservable(waits.completed$, '--------------------!').toBe('-----b', { b: asked('b') });
    });
  });

  it('looks for so many at a time, and for others when those are through', () => {
    const time = scheduler();
    const waits = waitsOn(() => of(granted(9)), time, 1);
    time.run(({ cold, expectObservable }) => {
      cold('-(ab)-c').subscribe((id) => waits.tell(asked(id)));
      expectObservable(waits.completed$, '--------!').toBe('-a----c', { a: asked('a'), c: asked('c') });
    });
  });

  it('looks once for all who wait for the same, and tells so many of them', () => {
    const time = scheduler();
    let reads = 0;
    const waits = waitsOn(() => of(++reads < 3 ? undefined : granted(9)), time);
    time.run(({ cold, expectObservable }) => {
      cold('-a--b--c').subscribe((id) => waits.tell({ ...asked(id), key: 'one' }));
      expectObservable(waits.completed$, '----------!').toBe('-------(ab)', {
        a: { ...asked('a'), key: 'one' },
        b: { ...asked('b'), key: 'one' },
      });
    });
    assert.equal(reads, 3);
  });
});
