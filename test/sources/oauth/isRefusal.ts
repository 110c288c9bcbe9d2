import { GatewayError } from '../../../src/protocol/errors.js';

/** For `assert.rejects`: true for the error of a server that the gateway is not authorized at, with this message. */
export const isRefusal =
  (message: string | RegExp) =>
  (error: unknown): boolean => {
    if (!(error instanceof GatewayError) || error.code !== 'ERR_UPSTREAM_UNAUTHORIZED') throw error;
    const fits = typeof message === 'string' ? error.message === message : message.test(error.message);
    if (!fits) throw new Error(`another message: ${error.message}`);
    return true;
  };
