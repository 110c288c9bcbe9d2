const factors = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** What a size looks like as text; a bare number counts bytes. */
export const sizePattern = '^[0-9]{1,10}(\\.[0-9]{1,3})?(B|KiB|MiB|GiB)?$';
const shape = /^([0-9]{1,10}(?:\.[0-9]{1,3})?)(B|KiB|MiB|GiB)?$/;

/**
 * A size as people write it, in bytes.
 *
 * @param size `4MiB`, `64KiB`, or a number of bytes
 * @returns whole bytes; NaN for what is no size
 */
export const bytes = (size: string | number): number => {
  if (typeof size === 'number') return size;
  const [, amount, unit = 'B'] = shape.exec(size) ?? [];
  return Math.round(Number(amount) * factors[unit as keyof typeof factors]);
};
