import type { Params } from '../../protocol/jsonrpc.js';
import { remaining } from '../../protocol/remaining.js';
import { remainingMs } from './remainingMs.js';

/**
 * A `_meta` that says what is left of its call's time at this moment.
 *
 * @param deadlineAt see `BackendCall.deadlineAt`; undefined leaves the `_meta` as it is
 */
export const withRemaining = (
  meta: Params | undefined,
  deadlineAt: number | undefined,
): Params | undefined => {
  const left = remainingMs({ deadlineAt });
  return left === undefined ? meta : { ...meta, [remaining.meta]: left };
};
