import type { Diagnostic } from '../../../config/configError.js';
import type { Settings } from '../../../config/settings.js';
import type { Latest } from '../../../streams/latest.js';
import { ApiError } from '../apiError.js';
import { effective } from '../effective.js';
import type { Person } from '../person.js';
import type { Route } from '../route.js';

export interface ConfigurationRoutesOptions {
  /** As in force, with what was discovered. */
  readonly settings: Latest<Settings>;
  readonly changes: () => object;
  /** What is wrong with a configuration; undefined where the program has no file to compare with. */
  readonly check: ((text: string) => readonly Diagnostic[]) | undefined;
}

/** Longer than what people write: checking so much takes a second, in which nothing else happens. `sluice check` takes more. */
const maxBytes = 256 * 1024;

/** The configuration: what is in force, and whether another one would do. It is everybody's, and not for who belongs to a tenant. */
export const configurationRoutes = ({
  settings,
  changes,
  check,
}: ConfigurationRoutesOptions): readonly Route[] => [
  {
    method: 'GET',
    path: '/configuration',
    answer({ person }) {
      confirmWhole(person);
      const { notes = [], inactive, files, ...rest } = settings.current;
      return {
        json: {
          effective: effective({ ...rest, files: [], inactive: [] }),
          files,
          notes: [...inactive, ...notes].map(({ path, line, message }) => ({
            severity: 'warning',
            text: `${path} (line ${line}): ${message}`,
          })),
          ...changes(),
        },
      };
    },
  },
  {
    method: 'POST',
    path: '/configuration/check',
    adminsOnly: true,
    maxBytes,
    answer({ person, body: { text } }) {
      confirmWhole(person);
      if (typeof text !== 'string') throw new ApiError('ERR_INVALID_REQUEST', 'Send `{ "text": "…" }`');
      if (check === undefined)
        throw new ApiError('ERR_NOT_AVAILABLE', 'This gateway has no file: `sluice check` looks at one');
      const findings = check(text).map(({ path, line, column, message, remedy }) => ({
        severity: 'error',
        pointer: path,
        line,
        column,
        message,
        remedy,
      }));
      return { json: { ok: findings.length === 0, findings } };
    },
  },
];

const confirmWhole = ({ tenant }: Person): void => {
  if (tenant !== undefined)
    throw new ApiError(
      'ERR_FORBIDDEN',
      'The configuration is that of all tenants: sign in as somebody of none',
    );
};
