import { refusal } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import { stage } from '../streams/stage.js';

/**
 * Lets requests in as long as the gateway takes new ones.
 *
 * ```
 * calls   --a-----b--|
 * admit   --a-----#        b came while the gateway is shutting down: ERR_DRAINING (503)
 * ```
 *
 * Notifications and answers pass: they belong to calls that are still being served.
 *
 * @param isDraining whether the gateway is shutting down
 */
export const admit = (isDraining: () => boolean) =>
  stage<unknown, unknown>((exchange) => {
    if (isRequest(exchange.message) && isDraining())
      throw refusal('ERR_DRAINING', 'The gateway is shutting down; try again', {
        headers: { 'retry-after': '1', connection: 'close' },
      });
    return exchange;
  });
