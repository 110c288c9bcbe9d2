import type { Report } from './report.js';
import { suggest } from './suggest.js';

/** Names that have to be those of servers or tenants of the file. `pointer` is that of their list. */
export const checkNames = (
  names: readonly string[],
  pointer: string,
  what: 'server' | 'tenant',
  known: readonly string[],
  report: Report,
): void => {
  for (const [index, name] of names.entries()) {
    if (known.includes(name)) continue;
    const at = `${pointer}/${index}`;
    // What came from the environment is not shown, and neither is what it resembles.
    const shown = report.show(at, name);
    const near = shown === 'This value' ? undefined : suggest(name, known);
    report.add(
      at,
      `${shown} is no ${what} of this file`,
      near === undefined ? `Add it under \`${what}s\`, or remove it here` : `Did you mean \`${near}\`?`,
    );
  }
};
