import type { Observable } from 'rxjs';
import type { Change } from './change.js';
import type { Authenticated, Exchange, InSession } from './exchange.js';

/**
 * Makes tasks of a caller tell of their changes: for each whether the caller may ask for it, then its changes up to its end. Throws
 * `ERR_CAPABILITY_REQUIRED` for a caller that takes no tasks.
 */
export type TaskWatch = (
  exchange: Exchange & Authenticated & InSession,
  ids: readonly string[],
) => readonly { readonly id: string; readonly events$: Observable<boolean | Change> }[];
