import { map, startWith, switchMap, timer } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { revocationFaults, type RevocationFault } from '../protocol/identity/revocationFaults.js';
import { drain } from '../streams/drain.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';

/** Watches for revocation lists that are of no use. */
export interface RevocationLists {
  /** What an operator has to know now. */
  notices(): readonly string[];
  close(): void;
}

/** How often it is looked, in milliseconds: lists run out by the day, and are to be renewed before. */
const lookMs = 60_000;

/**
 * Tells of revocation lists that have run out, whose time has not come, or that are missing: of such an authority no certificate is accepted. Each is told once
 * for each file.
 */
export const revocationLists = (settings: Latest<Settings>, log: Log): RevocationLists => {
  const faults = (): readonly RevocationFault[] => {
    const { ca, crl } = settings.current.auth?.mtls ?? {};
    return ca === undefined || crl === undefined ? [] : revocationFaults(ca, crl, Date.now());
  };
  let told: string | undefined;
  const messages = new Set<string>();
  const faults$ = settings.changes$.pipe(
    startWith(undefined),
    switchMap(() => timer(0, lookMs)),
    map(faults),
  );
  const watching = drain(faults$, (found) => {
    const crl = settings.current.auth?.mtls?.crl;
    if (told !== crl) messages.clear();
    told = crl;
    for (const { kind, message } of found) {
      if (messages.has(message)) continue;
      messages.add(message);
      log.error({ event: `revocation_list_${kind}` }, message);
    }
  });
  return {
    notices: () => faults().map(({ message }) => message),
    close: () => watching.unsubscribe(),
  };
};
