import type { CallRecord } from '../../protocol/audit/callRecord.js';

/** Whether a call ended otherwise than its caller had hoped; one that the caller gave up is no error. */
export const isError = ({ outcome }: CallRecord): boolean => outcome !== 'success' && outcome !== 'cancelled';
