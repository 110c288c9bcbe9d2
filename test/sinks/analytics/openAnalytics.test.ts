import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { limits } from '../../../src/config/limits.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import { AnalyticsError } from '../../../src/sinks/analytics/analyticsError.js';
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

  const start = (records$?: Subject<CallRecord>, query = {}, path = place.path) => {
    const analytics = openAnalytics({
      settings: {
        path,
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

  /** The process that keeps the calls: whoever wants the folder too is told. */
  const keeper = async (): Promise<number> => {
    const second = start();
    let message = '';
    await assert.rejects(second.opened, (error: Error) => {
      ({ message } = error);
      return true;
    });
    return Number(/process (\d+)/.exec(message)?.[1]);
  };

  it('goes on with a new process when the one that keeps the calls is killed, and loses none', async () => {
    const records$ = new Subject<CallRecord>();
    const analytics = start(records$);
    await analytics.opened;
    records$.next(recordOf());
    await eventually(10_000, 'one stored', () => analytics.state.stored === 1);
    process.kill(await keeper(), 'SIGKILL');
    await eventually(10_000, 'its end noticed', () => analytics.state.restarts === 1);
    await assert.rejects(analytics.ask({ sql: 'FROM calls' }), { code: 'ERR_ANALYTICS_AWAY' });
    for (let index = 0; index < 100; index++) records$.next(recordOf());
    await eventually(20_000, 'the others stored', () => analytics.state.stored === 101);
    assert.equal(await count(analytics), 101);
  });

  it('drops and counts what there is no room for, and keeps the rest', async () => {
    const records$ = new Subject<CallRecord>();
    const analytics = start(records$);
    // It takes a while until the process is there.
    for (let index = 0; index < limits.analyticsPending + 10; index++) records$.next(recordOf());
    assert.equal(analytics.state.dropped, 10);
    assert.equal(analytics.state.pending, limits.analyticsPending);
    await analytics.opened;
    await eventually(30_000, 'all stored', () => analytics.state.stored === limits.analyticsPending);
    assert.equal(await count(analytics), limits.analyticsPending);
  });

  it('lets some questions of one run, some wait, and refuses more', async () => {
    const analytics = start(new Subject());
    await analytics.opened;
    const all = Array.from({ length: limits.analyticsRunning + limits.analyticsShare + 3 }, () =>
      analytics.ask({ sql: 'SELECT count(*) FROM calls' }).then(
        () => 'answered',
        (error: unknown) => (error instanceof AnalyticsError ? error.code : error),
      ),
    );
    const answers = await Promise.all(all);
    assert.deepEqual(
      answers.filter((answer) => answer !== 'answered'),
      ['ERR_ANALYTICS_BUSY', 'ERR_ANALYTICS_BUSY', 'ERR_ANALYTICS_BUSY'],
    );
  });

  it('ends the process for a question that takes more memory than it may, and answers the others', async () => {
    const analytics = start(new Subject());
    await analytics.opened;
    // 2,000 times a megabyte, in one word.
    const sql = `SELECT length(replace('${'x'.repeat(2000)}', 'x', a)) FROM (SELECT string_agg('x', '') AS a FROM range(1000000))`;
    const greedy = analytics.ask({ sql }, { tenant: 'red' });
    const refused = assert.rejects(greedy, { code: 'ERR_ANALYTICS_AWAY' });
    assert.equal((await analytics.ask({ sql: 'SELECT 7' })).rows[0]?.[0], 7);
    await refused;
    assert.equal(analytics.state.restarts, 2, 'it is asked again, once');
  });

  it('is told once that DuckDB, or the folder, is of no use', async () => {
    const file = join(place.path, 'file');
    writeFileSync(file, '');
    const analytics = start(new Subject(), {}, join(file, 'beneath'));
    await assert.rejects(analytics.opened, { code: 'ERR_ANALYTICS_UNAVAILABLE', message: /can't be used/ });
    assert.equal(analytics.state.status, 'closed');
  });
});
