import { refusal } from '../protocol/errors.js';
import type { Decision } from '../streams/decision.js';
import type { Exchange } from '../streams/exchange.js';
import { unknownTarget } from './unknownTarget.js';

/**
 * Refuses what was not decided, and what is denied.
 *
 * @throws ERR_POLICY_FAILED, ERR_HIDDEN (told like what never was), ERR_FORBIDDEN
 */
export const confirmAllowed = ({ message }: Exchange, decision: Decision): void => {
  const { allow, fault, hidden, reason } = decision;
  if (fault !== undefined)
    throw refusal('ERR_POLICY_FAILED', 'The policy for this call could not be evaluated: it is not allowed', {
      cause: fault,
    });
  if (hidden === true) throw unknownTarget(message, 'ERR_HIDDEN');
  if (!allow) throw refusal('ERR_FORBIDDEN', reason ?? 'A policy does not allow this call');
};
