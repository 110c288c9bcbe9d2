import assert from 'node:assert/strict';
import { alwaysOpen, valve, type Pausable } from '../../src/streams/valve.js';

const source = (name: string, log: string[], onResume: () => void = () => undefined): Pausable => ({
  pause: () => void log.push(`${name} pauses`),
  resume: () => {
    log.push(`${name} resumes`);
    onResume();
  },
});

describe('streams/valve', () => {
  it('pauses and resumes all its sources, each change once', () => {
    const log: string[] = [];
    const one = valve();
    one.attach(source('a', log));
    one.attach(source('b', log));
    one.pause();
    one.pause();
    assert.equal(one.open, false);
    one.resume();
    one.resume();
    assert.equal(one.open, true);
    assert.deepEqual(log, ['a pauses', 'b pauses', 'a resumes', 'b resumes']);
  });

  it('pauses at once what is attached while it is closed', () => {
    const log: string[] = [];
    const one = valve();
    one.pause();
    one.attach(source('late', log));
    assert.deepEqual(log, ['late pauses']);
  });

  it('leaves alone what was detached', () => {
    const log: string[] = [];
    const one = valve();
    one.attach(source('a', log)).unsubscribe();
    one.pause();
    assert.deepEqual(log, []);
  });

  it('stays closed for the others when the first to resume fills the sink again at once', () => {
    const log: string[] = [];
    const one = valve();
    one.attach(source('a', log, () => one.pause()));
    one.attach(source('b', log));
    one.pause();
    log.length = 0;
    one.resume();
    assert.equal(one.open, false);
    assert.deepEqual(log, ['a resumes', 'a pauses', 'b pauses'], 'b must not resume behind a closed valve');
  });

  it('alwaysOpen never closes', () => {
    const log: string[] = [];
    alwaysOpen.attach(source('a', log)).unsubscribe();
    alwaysOpen.pause();
    assert.equal(alwaysOpen.open, true);
    assert.deepEqual(log, []);
  });
});
