import assert from 'node:assert/strict';
import { BehaviorSubject } from 'rxjs';
import { loadSettings } from '../../../src/config/load.js';
import type { Settings } from '../../../src/config/settings.js';
import { configurationChange } from '../../../src/gateway/admin/configurationChange.js';
import { latest } from '../../../src/streams/latest.js';

const settings = (text: string): Settings =>
  loadSettings(`${text}\nservers: { a: { url: "http://127.0.0.1:1" } }`, {
    file: 'x',
    env: {},
    baseDir: '/',
  });

describe('gateway/admin/configurationChange', () => {
  const first = settings('listen: { port: 8080 }');
  const started = (): {
    clock: { now: number };
    source: BehaviorSubject<Settings>;
    change: ReturnType<typeof configurationChange>;
  } => {
    const clock = { now: 1000 };
    const source = new BehaviorSubject(first);
    return { clock, source, change: configurationChange(latest(source, first), () => clock.now) };
  };

  it('tells when the configuration was read, however late somebody asks', () => {
    const { clock, change } = started();
    clock.now = 9000;
    assert.deepEqual(change.current, { changed_at: '1970-01-01T00:00:01.000Z', restart_needed: [] });
    change.close();
  });

  it('tells when it changed, not when somebody asks, and what waits for a restart', () => {
    const { clock, source, change } = started();
    clock.now = 2000;
    source.next(settings('listen: { port: 9000 }'));
    clock.now = 9000;
    assert.deepEqual(change.current, { changed_at: '1970-01-01T00:00:02.000Z', restart_needed: ['listen'] });
    change.close();
  });

  it('takes what changed back to the first for a change', () => {
    const { clock, source, change } = started();
    for (const next of [settings('listen: { port: 9000 }'), first]) {
      clock.now += 1000;
      source.next(next);
    }
    assert.deepEqual(change.current, { changed_at: '1970-01-01T00:00:03.000Z', restart_needed: [] });
    change.close();
  });

  it('takes the same configuration told again for none', () => {
    const { clock, source, change } = started();
    clock.now = 2000;
    source.next(first);
    assert.equal(change.current.changed_at, '1970-01-01T00:00:01.000Z');
    change.close();
  });

  it('leaves nothing subscribed', () => {
    const source = new BehaviorSubject(first);
    const change = configurationChange({ current: first, changes$: source }, () => 0);
    assert.ok(source.observed);
    change.close();
    assert.ok(!source.observed);
  });
});
