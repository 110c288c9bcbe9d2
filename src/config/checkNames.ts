import { checkName } from './checkName.js';
import type { Report } from './report.js';

/** Names that have to be those of servers of the file. `pointer` is that of their list. */
export const checkNames = (
  names: readonly string[],
  pointer: string,
  known: readonly string[],
  report: Report,
): void => {
  for (const [index, name] of names.entries())
    checkName(name, `${pointer}/${index}`, 'server', known, report);
};
