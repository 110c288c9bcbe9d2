import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import { openAnalytics } from '../../../src/sinks/analytics/openAnalytics.js';
import { silent } from '../../../src/streams/log.js';
import { eventually } from '../../support/eventually.js';
import { recordOf } from './recordOf.js';
import { folder } from './storeIn.js';

const MiB = 1024 * 1024;

describe('openAnalytics', function () {
  this.timeout(60_000);
  let place: ReturnType<typeof folder>;
  let open: ReturnType<typeof openAnalytics>[] = [];
  beforeEach(() => (place = folder()));
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    open = [];
    place.remove();
  });

  const start = (records$?: Subject<CallRecord>, query = {}) => {
    const analytics = openAnalytics({
      settings: {
        path: place.path,
        retentionDays: 90,
        maxBytes: 1024 * MiB,
        query: { timeoutMs: 10_000, maxRows: 1000, memoryBytes: 256 * MiB, threads: 2, ...query },
      },
      records$,
      log: silent,
    });
    open.push(analytics);
    return analytics;
  };
  const count = async (analytics: ReturnType<typeof start>) =>
    (await analytics.ask({ sql: 'SELECT count(*) FROM calls' })).rows[0]?.[0];

  it('stores what it is told, and has it after a restart', async () => {
    const records$ = new Subject<CallRecord>();
    const first = start(records$);
    // Before it is open, too.
    records$.next(recordOf());
    await first.opened;
    for (let index = 0; index < 2500; index++) records$.next(recordOf());
    await eventually(10_000, 'everything stored', () => first.state.stored === 2501);
    assert.equal(await count(first), 2501);
    records$.next(recordOf());
    await first.close();
    const second = start(new Subject());
    await second.opened;
    assert.equal(await count(second), 2502);
  });

  it('refuses a folder that another has', async () => {
    const first = start(new Subject());
    await first.opened;
    const second = start();
    await assert.rejects(second.opened, {
      code: 'ERR_ANALYTICS_IN_USE',
      message: /is in use by process \d+/,
    });
    assert.equal(second.state.status, 'closed');
  });
});
