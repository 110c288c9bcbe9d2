import { isObject } from '../jsonrpc.js';
import { maxReason } from './maxReason.js';

/** What a person has said. */
export interface Verdict {
  readonly answer: 'approved' | 'denied' | 'cancelled';
  readonly reason: string | undefined;
  /** Whether other calls of the tool are approved with it. */
  readonly remember: boolean;
}

/**
 * Reads the answer to an approval's form. Approved is only what is accepted and says `approve`; what can't be read is denied.
 *
 * @param result an `ElicitResult` as it came, or what was sent in its place
 */
export const approvalVerdict = (result: unknown): Verdict => {
  const { action, content } = isObject(result) ? result : {};
  const { decision, reason, remember } = isObject(content) ? content : {};
  const said = typeof reason === 'string' && reason.trim() !== '' ? reason.slice(0, maxReason) : undefined;
  if (action === 'accept' && decision === 'approve')
    return { answer: 'approved', reason: said, remember: remember === true };
  const answer = action === 'accept' || action === 'decline' ? 'denied' : 'cancelled';
  return { answer, reason: said, remember: false };
};
