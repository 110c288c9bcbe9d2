import { GatewayError } from '../../protocol/errors.js';

/** Who vouches for callers can't be asked: nobody is let in on trust. @param cause for the log only */
export const notKnowable = (cause?: unknown): GatewayError =>
  new GatewayError('ERR_IDENTITY_UNAVAILABLE', 'Callers can not be checked at this moment: try again', {
    cause,
    headers: { 'retry-after': '1' },
  });
