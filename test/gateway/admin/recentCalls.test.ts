import assert from 'node:assert/strict';
import { RecentCalls } from '../../../src/gateway/admin/recentCalls.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';

const record = (id: number): CallRecord => ({
  time: new Date(id).toISOString(),
  kind: 'call',
  id: String(id),
  trace_id: '',
  transport: 'http',
  revision: '2026-07-28',
  method: 'tools/call',
  attempts: 1,
  outcome: 'success',
  bytes_in: 1,
  duration_ms: 1,
});

describe('gateway/admin/RecentCalls', () => {
  const ids = (calls: RecentCalls, before?: number): string =>
    [...calls.newest(() => true, before)].map(({ record: { id } }) => id).join(' ');

  it('keeps so many, the newest first; a page goes on where the last one ended although others have come', () => {
    const calls = new RecentCalls(() => 3);
    assert.equal(ids(calls), '');
    assert.equal(calls.oldest, undefined);
    for (let id = 0; id < 5; id++) calls.add(record(id));
    assert.equal(ids(calls), '4 3 2');
    assert.equal(calls.oldest, new Date(2).toISOString());
    assert.equal(ids(calls, 4), '3 2');
    calls.add(record(5));
    assert.equal(ids(calls, 4), '3', 'the oldest has made room');
    assert.equal(ids(calls, 1), '');
  });

  it('follows a changed room without mixing up what is kept', () => {
    let room = 4;
    const calls = new RecentCalls(() => room);
    for (let id = 0; id < 6; id++) calls.add(record(id));
    room = 2;
    calls.add(record(6));
    assert.equal(ids(calls), '6 5');
    room = 5;
    calls.add(record(7));
    assert.equal(ids(calls), '7 6 5');
    room = 0;
    calls.add(record(8));
    assert.equal(ids(calls), '');
  });
});
