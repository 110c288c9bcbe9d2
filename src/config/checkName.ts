import type { Report } from './report.js';
import { suggest } from './suggest.js';

/** A name that has to be that of a server or a tenant of the file. */
export const checkName = (
  name: string,
  pointer: string,
  what: 'server' | 'tenant',
  known: readonly string[],
  report: Report,
): void => {
  if (known.includes(name)) return;
  // What came from the environment is not shown, and neither is what it resembles.
  const shown = report.show(pointer, name);
  const near = shown === 'This value' ? undefined : suggest(name, known);
  report.add(
    pointer,
    `${shown} is no ${what} of this file`,
    near === undefined ? `Add it under \`${what}s\`, or remove it here` : `Did you mean \`${near}\`?`,
  );
};
