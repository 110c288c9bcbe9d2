/**
 * Sees to it that an operator is given what it can't do without: for chains that no compiler has looked at.
 *
 * @param operator its name
 * @throws TypeError that names the first option that is missing
 */
export const demandOptions = <O extends object>(
  operator: string,
  options: O | undefined,
  needed: readonly (keyof O & string)[],
): void => {
  const missing = needed.find((name) => options?.[name] === undefined);
  if (missing !== undefined) throw new TypeError(`${operator}: the option ${missing} is missing`);
};
