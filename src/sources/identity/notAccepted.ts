import { refusal, type GatewayError } from '../../protocol/errors.js';

/**
 * A credential that is not accepted.
 *
 * @param why in words that show nothing of it; the client reads them
 * @param error what the challenge calls it, where that is not `invalid_token`
 */
export const notAccepted = (why: string, error?: 'invalid_dpop_proof'): GatewayError =>
  refusal('ERR_CREDENTIAL_INVALID', why, error && { data: { error } });
