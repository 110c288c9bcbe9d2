import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { crewRecords } from '../../../src/gateway/workers/crewRecords.js';
import type { Order, RecordBatch, Told } from '../../../src/gateway/workers/messages.js';
import { sendRecords } from '../../../src/gateway/workers/sendRecords.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';

const record = (id: number): CallRecord => ({ id: String(id) }) as CallRecord;

describe('gateway/workers: sendRecords', () => {
  const set = () => {
    const scheduler = new VirtualTimeScheduler();
    const [records$, orders$] = [new Subject<CallRecord>(), new Subject<Order>()];
    const batches: RecordBatch[] = [];
    const leaving: (() => void)[] = [];
    const state = { takes: true };
    const tell = (told: Told, sent?: () => void): boolean => {
      if (!state.takes) return false;
      if ('records' in told) batches.push(told);
      if (sent !== undefined) leaving.push(sent);
      return true;
    };
    const sending = sendRecords(records$, { orders$, tell }, scheduler);
    const ids = () => batches.map(({ records }) => records.map(({ id }) => Number(id)));
    return { scheduler, records$, orders$, batches, leaving, state, sending, ids };
  };

  it('hands nothing over, and listens to nothing, until it is asked', () => {
    const { records$, orders$, scheduler, ids } = set();
    records$.next(record(1));
    assert.equal(records$.observed, false);
    orders$.next({ records: true });
    records$.next(record(2));
    scheduler.flush();
    assert.deepEqual(ids(), [[2]]);
    orders$.next({ records: false });
    assert.equal(records$.observed, false);
  });

  it('sends together what comes within a moment, and the next when that has left', () => {
    const { records$, orders$, scheduler, leaving, ids } = set();
    orders$.next({ records: true });
    for (const id of [1, 2, 3]) records$.next(record(id));
    scheduler.flush();
    assert.equal(scheduler.frame, 100);
    records$.next(record(4));
    scheduler.flush();
    assert.deepEqual(ids(), [[1, 2, 3]]);
    leaving.shift()?.();
    scheduler.flush();
    assert.deepEqual(ids(), [[1, 2, 3], [4]]);
  });

  it('keeps so many and no more while they are not taken, and says how many it could not', () => {
    const { records$, orders$, scheduler, leaving, batches } = set();
    orders$.next({ records: true });
    for (let id = 0; id < 6000; id++) records$.next(record(id));
    const drain = (): void => {
      scheduler.flush();
      for (let sent = leaving.shift(); sent !== undefined; sent = leaving.shift()) {
        sent();
        scheduler.flush();
      }
    };
    drain();
    assert.equal(
      batches.flatMap(({ records }) => records).length +
        batches.reduce((sum, { dropped }) => sum + dropped, 0),
      6000,
    );
    assert.equal(batches[0]?.dropped, 1000);
    assert.ok(batches.every(({ records }) => records.length <= 500));
  });

  it('counts what a full link does not take', () => {
    const { records$, orders$, scheduler, state, batches } = set();
    orders$.next({ records: true });
    state.takes = false;
    records$.next(record(1));
    records$.next(record(2));
    scheduler.flush();
    state.takes = true;
    records$.next(record(3));
    scheduler.flush();
    assert.deepEqual(batches, [{ records: [record(3)], dropped: 2 }]);
  });

  it('hands over what waits when it ends, and nothing after that', () => {
    const { records$, orders$, scheduler, sending, ids } = set();
    orders$.next({ records: true });
    records$.next(record(1));
    sending.unsubscribe();
    records$.next(record(2));
    scheduler.flush();
    assert.deepEqual([ids(), records$.observed, orders$.observed], [[[1]], false, false]);
  });
});

describe('gateway/workers: crewRecords', () => {
  it('wants them while somebody does, and counts and tells what is missing', async () => {
    const wants: boolean[] = [];
    const events: unknown[] = [];
    const registry = new Registry();
    const note = ({ event, count }: Readonly<Record<string, unknown>>): void =>
      void events.push([event, count]);
    const log = { debug: note, info: note, warn: note, error: note };
    const all = crewRecords({ want: (isWanted) => wants.push(isWanted), registry, log });
    const seen: string[] = [];
    const listening = all.records$.subscribe(({ id }) => seen.push(id));
    all.take({ records: [record(1), record(2)], dropped: 0 });
    all.take({ records: [record(3)], dropped: 7 });
    listening.unsubscribe();
    assert.deepEqual([seen, wants, events], [['1', '2', '3'], [true, false], [['records_dropped', 7]]]);
    assert.match(await registry.metrics(), /^mcp_gateway_records_dropped_total 7$/m);
  });
});
