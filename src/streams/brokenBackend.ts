import { NEVER, throwError } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Backend } from './backend.js';

const failed$ = throwError(() =>
  refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend can not be used as it is configured'),
);

/**
 * Stands in for a backend that could not be made: it is down for whatever is asked of it.
 *
 * Errors: `ERR_UPSTREAM_UNREACHABLE`
 */
export const brokenBackend: Backend = {
  offer: () => failed$,
  invoke: () => failed$,
  changed$: NEVER,
  updated$: NEVER,
  completed$: NEVER,
  watch: () => failed$,
  close: () => Promise.resolve(),
};
