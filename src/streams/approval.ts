import type { RecordedApproval } from '../protocol/audit/callRecord.js';

/** What became of the question whether a call may be made. */
export interface Approval extends Omit<RecordedApproval, 'at'> {
  /** When it was answered, in epoch milliseconds. */
  readonly at?: number | undefined;
}
