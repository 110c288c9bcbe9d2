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

/** The tally as it is at a time: a quota begins anew with each window, a total when nobody has asked for so long, a bucket fills. A clock that is late turns nothing back. */
export const tallyAt = ({ used, at }: Tally, now: number, limit: Limit): Tally => {
  if (now <= at) return { used, at };
  if (limit.kind !== 'bucket') return { used: endOf(at, limit) <= now ? 0 : used, at: now };
  return { used: Math.max(0, used - ((now - at) * limit.max) / limit.windowMs), at: now };
};

/** When the window ends that a time is in. */
const endOf = (at: number, { kind, windowMs }: Limit): number => {
  if (kind === 'quota') return (Math.floor(at / windowMs) + 1) * windowMs;
  if (kind === 'total') return at + windowMs;
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
};

/** Whether as many units can be had on top of what is in use. */
export const fits = ({ used }: Tally, units: number, { max }: Limit): boolean => used + units <= max;

/** What is answered to who asked for some units, with the tally after that. */
export const takenOf = (allowed: boolean, { used, at }: Tally, units: number, limit: Limit): Taken => {
  const { max, windowMs, kind } = limit;
  const left = Math.max(0, Math.floor(max - used));
  const filledIn = (missing: number): number => Math.ceil((missing * windowMs) / max);
  const fullMs = kind === 'bucket' ? filledIn(used) : Math.ceil(endOf(at, limit) - at);
  if (allowed) return { allowed, left, retryMs: 0, fullMs };
  if (units > max) return { allowed, left, retryMs: Infinity, fullMs };
  return { allowed, left, retryMs: kind === 'bucket' ? filledIn(used + units - max) : fullMs, fullMs };
};
