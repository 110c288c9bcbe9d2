import { refusal } from './errors.js';

/**
 * The refusal of a `requestState` that is none of this request: altered, made up, too old, of somebody else or another request. One
 * text for all of them, or it would say which there are.
 */
export const noState = () =>
  refusal('ERR_STATE_INVALID', 'requestState is invalid or has expired: send the request again without it', {
    data: { reason: 'invalid_request_state' },
  });
