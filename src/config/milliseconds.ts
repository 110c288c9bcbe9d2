const factors = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** What a duration looks like as text; a bare number counts seconds. */
export const durationPattern = '^[0-9]{1,10}(\\.[0-9]{1,3})?(ms|s|m|h)?$';
const shape = /^([0-9]{1,10}(?:\.[0-9]{1,3})?)(ms|s|m|h)?$/;

/**
 * A duration as people write it, in milliseconds.
 *
 * @param duration `500ms`, `30s`, `5m`, `1h`, or a number of seconds
 * @returns whole milliseconds; NaN for what is no duration
 */
export const milliseconds = (duration: string | number): number => {
  if (typeof duration === 'number') return Math.round(duration * factors.s);
  const [, amount, unit = 's'] = shape.exec(duration) ?? [];
  return Math.round(Number(amount) * factors[unit as keyof typeof factors]);
};
