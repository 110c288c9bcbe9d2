/**
 * Checks an option that is a share of something, when an operator is made.
 *
 * @param name of the option, with its operator's: `mirror: share`
 * @throws TypeError for what is no number from 0 to 1
 */
export const shareOf = (name: string, value: number): number => {
  if (!(value >= 0 && value <= 1)) throw new TypeError(`${name} must be a number from 0 to 1`);
  return value;
};
