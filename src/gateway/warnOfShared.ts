import { asyncScheduler, auditTime, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { Catalog } from '../streams/catalog.js';
import { drain } from '../streams/drain.js';
import type { Log } from '../streams/log.js';
import { tellOfIntegrity } from './tellOfIntegrity.js';
import { warnOfShadowing } from './warnOfShadowing.js';
import { warnOfSharedNames } from './warnOfSharedNames.js';
import { warnOfSharedUris } from './warnOfSharedUris.js';

/** To see names that are shared everything has to be put together: not for each of a thousand servers that start, in milliseconds. */
const settleMs = 500;

/** Says, of each catalogue that comes, which servers offer the same as another. */
export const warnOfShared = (
  catalogs$: Observable<Catalog>,
  log: Log,
  scheduler: SchedulerLike = asyncScheduler,
): Subscription => {
  const telling = drain(catalogs$, warnOfSharedUris(log));
  telling.add(drain(catalogs$, tellOfIntegrity(log)));
  const settled$ = catalogs$.pipe(auditTime(settleMs, scheduler));
  telling.add(drain(settled$, warnOfSharedNames(log)));
  telling.add(drain(settled$, warnOfShadowing(log)));
  return telling;
};
