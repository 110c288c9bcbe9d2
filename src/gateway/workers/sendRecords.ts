import { asyncScheduler, filter, Subscription, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { drain } from '../../streams/drain.js';
import type { PrimaryLink } from './primaryLink.js';

/** How long a record waits for company, in milliseconds. */
const batchMs = 100;
/** Records that leave together at most. */
const maxBatch = 500;
/** Records that wait at most while the first process does not take any; more are dropped, and counted. */
const maxWaiting = 5000;

/**
 * Hands the records of a worker's calls to the first process while that wants them: in batches, the next when the one before has left.
 *
 * @param scheduler time, for tests
 */
export const sendRecords = (
  records$: Observable<CallRecord>,
  { orders$, tell }: Pick<PrimaryLink, 'orders$' | 'tell'>,
  scheduler: SchedulerLike = asyncScheduler,
): Subscription => {
  let waiting: CallRecord[] = [];
  let dropped = 0;
  let isUnderWay = false;
  let wanting: Subscription | undefined;
  let timing: Subscription | undefined;

  const send = (): void => {
    timing = undefined;
    const records = waiting.slice(0, maxBatch);
    isUnderWay = true;
    const isTaken = tell({ records, dropped }, () => {
      isUnderWay = false;
      schedule();
    });
    waiting = waiting.slice(records.length);
    dropped = isTaken ? 0 : dropped + records.length;
    if (!isTaken) isUnderWay = false;
  };
  const schedule = (): void => {
    if (isUnderWay || timing !== undefined || waiting.length === 0) return;
    timing = drain(timer(waiting.length < maxBatch ? batchMs : 0, scheduler), send);
  };
  const take = (record: CallRecord): void => {
    if (waiting.length < maxWaiting) waiting.push(record);
    else dropped++;
    schedule();
  };
  const end = (): void => {
    wanting?.unsubscribe();
    wanting = undefined;
  };
  const orders = drain(orders$.pipe(filter((order) => 'records' in order)), ({ records: isWanted }) => {
    if (isWanted) wanting ??= drain(records$, take);
    else end();
  });
  return new Subscription(() => {
    orders.unsubscribe();
    end();
    timing?.unsubscribe();
    // What it knows of its last calls, as far as one message holds it.
    if (waiting.length > 0 && !isUnderWay) send();
    waiting = [];
  });
};
