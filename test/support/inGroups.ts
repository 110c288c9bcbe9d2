/** How many are done at a time: more and the listening socket's queue overflows. */
const atOnce = 50;

/** Does something for each item, some at a time; gives the results in order. */
export const inGroups = async <T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(each))));
  return results;
};
