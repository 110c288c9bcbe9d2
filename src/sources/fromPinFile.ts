import { readFileSync, statSync } from 'node:fs';
import { defer, distinctUntilChanged, map, merge, of, scan, startWith, type Observable } from 'rxjs';
import { readPins, type Pins } from '../protocol/integrity/pins.js';
import type { Log } from '../streams/log.js';
import { fromStamp } from './fromStamp.js';

/** How often the file is looked at, in milliseconds: who approves something waits for it. */
const pollMs = 1000;
/** Ten thousand tools with their schemas. */
const maxBytes = 64 * 1024 * 1024;

/**
 * A file of pins as a stream: what it has now, in the same frame, and again when it has changed.
 *
 * > Keeps the last good one. Without any, nothing is approved.
 *
 * @returns pins; never errors, what is wrong with the file is logged
 */
export const fromPinFile = (path: string, log: Log): Observable<Pins> =>
  defer(() =>
    merge(of(undefined), fromStamp(path, pollMs)).pipe(
      scan((good: Pins | undefined) => read(path, log) ?? good, undefined),
      map((pins) => pins ?? nothing),
      startWith(nothing),
      distinctUntilChanged(),
    ),
  );

const nothing: Pins = new Map();

const read = (path: string, log: Log): Pins | undefined => {
  try {
    // A device or a pipe would never end.
    const { size } = statSync(path);
    if (size > maxBytes) throw new RangeError('it is larger than 64 MiB');
    const pins = readPins(readFileSync(path, 'utf8'));
    log.info({ event: 'pins_loaded', servers: pins.size }, 'Approved definitions loaded');
    return pins;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ENOENT';
    log.error(
      { event: 'pins_rejected', reason: code ?? message },
      missing
        ? 'There is no file of approved definitions: write one with `sluice pin`'
        : 'The file of approved definitions can not be read; what was approved before stays so',
    );
    return undefined;
  }
};
