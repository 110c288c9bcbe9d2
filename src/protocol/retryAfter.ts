/**
 * `Retry-After` of an HTTP answer: seconds or a date (RFC 9110, 10.2.3).
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now; undefined where nothing sensible is said
 */
export const retryAfter = (value: string | string[] | undefined, now: number): number | undefined => {
  if (typeof value !== 'string' || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // V8 takes `-1` for a date.
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
