import { refusal, type GatewayError } from '../../protocol/errors.js';

/**
 * A failure on the way to a token. What authorization servers say in their own words, what they were sent and what the library
 * tells of both stays out of it, and out of its cause: there are secrets among them.
 *
 * @param message for clients and log: no address, no secret
 */
export const unauthorized = (message: string): GatewayError => refusal('ERR_UPSTREAM_UNAUTHORIZED', message);
