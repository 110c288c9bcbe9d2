import { concat, defer, of, type Observable } from 'rxjs';
import { headerOf } from '../protocol/classify.js';
import { refusal } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import { internalMethods } from '../protocol/methods.js';
import { relayedHeader } from '../protocol/relayStamp.js';
import { stage } from '../streams/stage.js';

/**
 * Lets requests in as long as the gateway takes new ones.
 *
 * ```
 * calls   --a-----b--|
 * admit   --a-----#        b came while the gateway is shutting down: ERR_DRAINING (503)
 * ```
 *
 * Notifications and answers pass: they belong to calls that are still being served. So does what another instance relays: it knows
 * nobody better. (Who pretends to be one gains a call that is cut off at the end of `drain_timeout`.)
 *
 * @param isRefusing whether the gateway is shutting down and takes nothing new
 * @param room completes when there is room for what has to be kept of a call, or errors; undefined while there is
 */
export const admit = (
  isRefusing: () => boolean,
  room: () => Observable<never> | undefined = () => undefined,
) =>
  stage<unknown, unknown>((exchange) => {
    const { message, origin } = exchange;
    const begins = isRequest(message) || begin.has(message.method);
    if (begins && isRefusing() && headerOf(origin.headers, relayedHeader) === undefined)
      throw refusal('ERR_DRAINING', 'The gateway is shutting down; try again', {
        headers: { 'retry-after': '1', connection: 'close' },
      });
    const waits = begins ? room() : undefined;
    return waits === undefined
      ? exchange
      : concat(
          waits,
          defer(() => of(exchange)),
        );
  });

/** Streams that are no requests. */
const begin: ReadonlySet<string> = new Set([internalMethods.stream, internalMethods.resume]);
