import type { Diagnostic } from '../config/configError.js';
import type { Settings } from '../config/settings.js';

interface GoodReading {
  /** As the user would write it: relative to where they stand, if that is shorter. */
  readonly file: string;
  readonly settings: Settings;
}

interface BadReading {
  readonly file: string;
  readonly settings?: undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Every diagnostic as `file:line:column: message` and its remedy beneath. */
  readonly text: string;
  /** `3 problems in gateway.yaml` */
  readonly count: string;
}

/** What reading a configuration has come to. */
export type ConfigReading = GoodReading | BadReading;

/** A configuration with which something is wrong. */
export const badReading = (file: string, diagnostics: readonly Diagnostic[]): BadReading => ({
  file,
  diagnostics,
  text: diagnostics.map(asText).join('\n'),
  count: `${diagnostics.length} ${diagnostics.length === 1 ? 'problem' : 'problems'} in ${file}`,
});

const asText = ({ file, line, column, message, remedy }: Diagnostic): string =>
  `${file}:${line}:${column}: ${message}${remedy === '' ? '' : `\n    ${remedy}`}`;
