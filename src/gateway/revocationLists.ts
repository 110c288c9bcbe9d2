import { map, startWith, switchMap, takeWhile, timer, type Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { revocationEnd } from '../protocol/identity/revocationEnd.js';
import { drain } from '../streams/drain.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';

/** Watches for revocation lists that run out. */
export interface RevocationLists {
  /** What an operator has to know now. */
  notices(): readonly string[];
  close(): void;
}

/** How often it is looked, in milliseconds: lists run out by the day, and are to be renewed before. */
const lookMs = 60_000;

/** Tells of a revocation list that has run out, for which no certificate is accepted any more, once for each list. */
export const revocationLists = (settings: Latest<Settings>, log: Log): RevocationLists => {
  let read: { readonly crl: string | undefined; readonly end: number } = { crl: undefined, end: Infinity };
  const end = (): number => {
    const crl = settings.current.auth?.mtls?.crl;
    if (crl !== read.crl)
      read = { crl, end: crl === undefined ? Infinity : (revocationEnd(crl) ?? Infinity) };
    return read.end;
  };
  const isOver = (): boolean => end() <= Date.now();
  const notice = (): string =>
    `The revocation list of \`auth.mtls.crl\` has run out at ${new Date(end()).toISOString()}: no client certificate is accepted`;
  const over$ = (): Observable<boolean> =>
    timer(0, lookMs).pipe(
      map(isOver),
      takeWhile((over) => !over, true),
    );
  let told: string | undefined;
  const watching = drain(settings.changes$.pipe(startWith(undefined), switchMap(over$)), (over) => {
    if (!over || told === read.crl) return;
    told = read.crl;
    log.error({ event: 'revocation_list_outdated' }, notice());
  });
  return {
    notices: () => (isOver() ? [notice()] : []),
    close: () => watching.unsubscribe(),
  };
};
