/**
 * Checks an option that counts something, when an operator is made.
 *
 * @param name of the option, with its operator's: `coalesce: maxKeys`
 * @throws TypeError for what is no whole number above 0
 */
export const positiveInteger = (name: string, value: number): number => {
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name} must be a whole number above 0`);
  return value;
};
