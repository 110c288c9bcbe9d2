import type { Limit, Taken } from './counters.js';

/** What has been counted of one limit. */
export interface Tally {
  /** Units in use at that time. */
  readonly used: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Of something that nobody has used yet. */
export const unused: Tally = { used: 0, at: 0 };

/** The tally as it is at a time: a quota begins anew with each window, a bucket fills. A clock that is late turns nothing back. */
export const tallyAt = ({ used, at }: Tally, now: number, { max, windowMs, kind }: Limit): Tally => {
  if (now <= at) return { used, at };
  const isOver = kind === 'quota' && Math.floor(at / windowMs) < Math.floor(now / windowMs);
  const filled = kind === 'bucket' ? ((now - at) * max) / windowMs : 0;
  return { used: isOver ? 0 : Math.max(0, used - filled), at: now };
};

/** Whether as many units can be had on top of what is in use. */
export const fits = ({ used }: Tally, units: number, { max }: Limit): boolean => used + units <= max;

/** What is answered to who asked for some units, with the tally after that. */
export const takenOf = (
  allowed: boolean,
  { used, at }: Tally,
  units: number,
  { max, windowMs, kind }: Limit,
): Taken => {
  const left = Math.max(0, Math.floor(max - used));
  if (allowed) return { allowed, left, retryMs: 0 };
  if (units > max) return { allowed, left, retryMs: Infinity };
  const retryMs = kind === 'quota' ? windowMs - (at % windowMs) : ((used + units - max) * windowMs) / max;
  return { allowed, left, retryMs: Math.ceil(retryMs) };
};
