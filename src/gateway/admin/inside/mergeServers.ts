import type { InstanceRow, ServerRow } from '../questions.js';

/** How several workers see the servers, as one: calls added up, states as that worker sees them to which they look worst. */
export const mergeServers = (seen: readonly (readonly ServerRow[])[]): readonly ServerRow[] =>
  byKey(
    seen.flat(),
    ({ name }) => name,
    (rows) => {
      const worst = worstOf(rows, ({ status }) => statuses.indexOf(status));
      return {
        ...worst,
        calls_in_flight: sum(rows),
        instances: byKey(
          rows.flatMap(({ instances }) => instances),
          ({ id }) => id,
          (instances) => ({ ...worstOf(instances, badness), calls_in_flight: sum(instances) }),
        ),
      };
    },
  );

const statuses: readonly ServerRow['status'][] = ['up', 'starting', 'degraded', 'down'];
const breakers: readonly InstanceRow['breaker'][] = ['closed', 'half-open', 'open'];
const badness = ({ status, breaker }: InstanceRow): number =>
  10 * statuses.indexOf(status) + breakers.indexOf(breaker);

const sum = (rows: readonly { readonly calls_in_flight: number }[]): number =>
  rows.reduce((total, row) => total + row.calls_in_flight, 0);

const worstOf = <T>(rows: readonly [T, ...T[]], badnessOf: (row: T) => number): T =>
  rows.reduce((worst, row) => (badnessOf(row) > badnessOf(worst) ? row : worst));

const byKey = <T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  merge: (rows: readonly [T, ...T[]]) => T,
): readonly T[] => {
  const groups = new Map<string, [T, ...T[]]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return [...groups.values()].map(merge);
};
