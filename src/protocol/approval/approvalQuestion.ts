import type { InputRequest } from '../input.js';
import { maxReason } from './maxReason.js';

/**
 * The question as a form (2025-11-25 and 2026-07-28: client/elicitation). To accept it is not enough: the decision has to be chosen, so that
 * a client that sends off forms as they are approves nothing.
 *
 * @param rememberMs for how long the person may choose not to be asked again, in milliseconds; undefined for no such choice
 */
export const approvalQuestion = (message: string, rememberMs: number | undefined): InputRequest => ({
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message,
    requestedSchema: {
      type: 'object',
      properties: {
        decision: { type: 'string', title: 'Decision', enum: ['approve', 'deny'] },
        reason: {
          type: 'string',
          title: 'Reason',
          description: 'Told to whoever asked for the call',
          maxLength: maxReason,
        },
        ...(rememberMs !== undefined && {
          remember: {
            type: 'boolean',
            title: `Approve every call of this tool for the next ${span(rememberMs)}`,
            description: 'Whatever the arguments are',
            default: false,
          },
        }),
      },
      required: ['decision'],
    },
  },
});

const span = (ms: number): string => {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes === 1 ? 'minute' : `${minutes} minutes`;
};
