import type { BackendCall } from '../../streams/backend.js';

/** What is left of a call's time at this moment, in whole milliseconds; undefined where its backend is not to be told. */
export const remainingMs = ({ deadlineAt }: Pick<BackendCall, 'deadlineAt'>): number | undefined =>
  deadlineAt === undefined ? undefined : Math.max(0, Math.floor(deadlineAt - Date.now()));
