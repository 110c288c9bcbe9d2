import { combineLatest, distinctUntilChanged, map, of, switchMap } from 'rxjs';
import type { IntegritySettings } from '../config/integritySettings.js';
import type { Settings } from '../config/settings.js';
import { fromPinFile } from '../sources/fromPinFile.js';
import type { IntegrityRules } from '../streams/judgedOffer.js';
import { latest, type Latest, type LiveLatest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';

/** What is let through of what servers offer, following the settings and the file of pins that they name. */
export const integrityOf = (settings: Latest<Settings>, log: Log): LiveLatest<IntegrityRules> => {
  const integrity$ = settings.changes$.pipe(
    map(({ integrity }) => integrity),
    distinctUntilChanged(isSame),
  );
  const pins$ = integrity$.pipe(
    map(({ pins }) => pins),
    distinctUntilChanged(),
    switchMap((path) => (path === undefined ? of(undefined) : fromPinFile(path, log))),
  );
  const rules$ = combineLatest([integrity$, pins$]).pipe(
    map(([{ newcomers, suspicious }, pins]): IntegrityRules => ({ newcomers, suspicious, pins })),
  );
  const { newcomers, suspicious } = settings.current.integrity;
  return latest(rules$, { newcomers, suspicious, pins: undefined });
};

const isSame = (a: IntegritySettings, b: IntegritySettings): boolean =>
  a.pins === b.pins && a.newcomers === b.newcomers && a.suspicious === b.suspicious;
