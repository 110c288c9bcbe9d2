import assert from 'node:assert/strict';
import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';
import { followingSeal } from '../../src/gateway/followingSeal.js';
import { stateKeys } from '../../src/gateway/stateKeys.js';
import type { Secrets } from '../../src/protocol/sealer.js';
import { latest } from '../../src/streams/latest.js';

const settingsWith = (...digits: string[]): Settings =>
  loadSettings(
    `state: { keys: [${digits.map((digit) => `"${digit.repeat(64)}"`).join()}] }\nservers: { a: { url: http://h } }`,
    { file: 'x', env: {}, baseDir: '/' },
  );

/** Secrets that follow a configuration which a test changes. */
const following = (digits: readonly string[] = [], shared$?: Observable<Secrets>) => {
  const changes = new BehaviorSubject(settingsWith(...digits));
  const settings = latest(changes, changes.value);
  const keys = stateKeys(settings, shared$);
  return {
    keys,
    seal: followingSeal(settings, keys),
    change: (...next: string[]) => changes.next(settingsWith(...next)),
    shown: () => keys.current.map((key) => Buffer.from(key).toString('hex').slice(0, 1)).join(''),
  };
};
const state = { principalId: 'p', server: 's', method: 'tools/call', digest: 'd' };

describe('gateway/stateKeys', () => {
  it('are those of the configuration, newest first, and follow it', () => {
    const { shown, change } = following(['a']);
    assert.equal(shown(), 'a');
    change('b', 'a');
    assert.equal(shown(), 'ba');
  });

  it('are made where there are none, each time others', () => {
    const [one, two] = [following().keys.current, following().keys.current];
    assert.equal(one[0].length, 32);
    assert.notDeepEqual(one, two);
  });

  it('keep the made one as the oldest when keys come later', () => {
    const { keys, change } = following();
    const [own] = keys.current;
    change('a');
    assert.equal(keys.current.length, 2);
    assert.deepEqual(keys.current[1], own);
    change();
    assert.deepEqual(keys.current, [own]);
  });

  it('are those of the cluster where there are none, and from then on the made one only opens', () => {
    const shared = new Subject<Secrets>();
    const { keys, change } = following([], shared);
    const [own] = keys.current;
    const [first, second, given] = [1, 2, 0xaa].map((byte) => Buffer.alloc(32, byte));
    assert.ok(first && second && given);
    shared.next([first]);
    assert.deepEqual(keys.current, [first, own]);
    shared.next([second, first]);
    assert.deepEqual(keys.current, [second, first, own]);
    change('a');
    assert.deepEqual(keys.current, [given, second, first, own]);
    assert.ok(!shared.observed, 'the cluster is not asked any more');
    keys.close();
  });

  it('are not asked of the cluster where the configuration has some', () => {
    const shared = new Subject<Secrets>();
    const { keys, change } = following(['a'], shared);
    assert.ok(!shared.observed);
    change();
    assert.ok(shared.observed);
    keys.close();
    assert.ok(!shared.observed);
  });

  it('say when they change, and only then', () => {
    const { keys, change } = following(['a']);
    let changes = 0;
    keys.changes$.subscribe(() => changes++);
    change('a');
    assert.equal(changes, 1);
    change('b', 'a');
    assert.equal(changes, 2);
  });

  it('let a seal open what was sealed before a rotation, and no longer once its key is gone', () => {
    const { seal, change } = following(['a']);
    const old = seal.seal(state);
    change('b', 'a');
    assert.deepEqual(seal.open(old), state);
    const fresh = seal.seal(state);
    change('b');
    assert.deepEqual(seal.open(fresh), state);
    assert.throws(() => seal.open(old), /requestState is invalid/);
  });
});
