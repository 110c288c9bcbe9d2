import { milliseconds } from './milliseconds.js';
import type { OwnTimeouts } from './schema/times.js';
import type { TimeLimits } from './timeSettings.js';

/** How long the parts of a call may take, as one level says it. */
export interface CallTimes {
  /** Longest silence. */
  readonly timeoutMs?: number;
  readonly times?: TimeLimits;
}

/** What a server or a tool says of its times. */
export interface RawTimes {
  readonly timeout?: string | number;
  readonly timeouts?: OwnTimeouts;
}

/**
 * What one level says, to be laid over what holds without it.
 *
 * `timeout` is both the first byte and the silence after it, unless `timeouts` says otherwise: it is not to be shadowed by a
 * `first_byte` of the level above, nor to be changed by an `idle` alone.
 *
 * @param above what holds without it
 */
export const toTimes = ({ timeout, timeouts = {} }: RawTimes, above: CallTimes = {}): CallTimes => {
  const silence = inMs(timeout);
  const timeoutMs = inMs(timeouts.idle) ?? silence;
  const ofAbove = above.times?.firstByteMs;
  const kept = timeoutMs === undefined ? undefined : (ofAbove ?? above.timeoutMs);
  const implied = silence === timeoutMs && ofAbove === undefined ? undefined : (silence ?? kept);
  const times = Object.entries({
    connectMs: inMs(timeouts.connect),
    firstByteMs: inMs(timeouts.first_byte) ?? implied,
    totalMs: inMs(timeouts.total),
  }).filter(([, ms]) => ms !== undefined);
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(times.length > 0 && { times: Object.fromEntries(times) }),
  };
};

const inMs = (written: string | number | undefined): number | undefined =>
  written === undefined ? undefined : milliseconds(written);
