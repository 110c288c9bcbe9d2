import assert from 'node:assert/strict';
import { NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { refusal } from '../../src/protocol/errors.js';
import { patience } from '../../src/streams/patience.js';
import { Silences } from '../../src/streams/silences.js';
import { byCode } from '../../src/testing/byCode.js';

describe('streams/patience: a client that does not read', () => {
  const drawn = (pausedUntil: number, expected: string): void => {
    const scheduler = new TestScheduler((actual, wanted) => assert.deepEqual(actual, wanted));
    scheduler.run(({ expectObservable }) => {
      const patient$ = patience(() => NEVER, {
        first: new Silences(5, scheduler),
        idle: new Silences(5, scheduler),
        asking: new Silences(20, scheduler),
        totalMs: 60,
        scheduler,
        isPaused: () => scheduler.now() < pausedUntil,
        expired: () => refusal('ERR_UPSTREAM_TIMEOUT', 'silent'),
      });
      expectObservable(patient$.pipe(byCode())).toBe(expected, undefined, 'ERR_UPSTREAM_TIMEOUT');
    });
  };

  it('a backend that is not held back may be silent so long and no longer', () => drawn(0, '-----#'));
  it('one that is held back is not called silent; it has its time again after that', () =>
    drawn(8, '----------#'));
});
