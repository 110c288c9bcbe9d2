import type { Duplex } from 'node:stream';
import { isObservable } from 'rxjs';
import { fromUnknown, type GatewayError } from '../../protocol/errors.js';
import type { Principal } from '../../streams/exchange.js';
import type { Caller, Identify } from '../../streams/identify.js';

export interface Beginning {
  readonly identify: Identify;
  readonly caller: Caller;
  /** When it closes nobody waits any more. */
  readonly socket: Duplex;
  readonly known: (principal: Principal) => void;
  readonly refused: (error: GatewayError) => void;
}

/** Begins something that lasts for whoever is let in: at once where it is known who that is. */
export const begin = ({ identify, caller, socket, known, refused }: Beginning): void => {
  try {
    const found = identify(caller);
    if (!isObservable(found)) return known(found);
    // A peer that leaves in the middle is no news; the close follows.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    const waiting = found.subscribe({
      next(principal) {
        socket.off('error', ignore);
        known(principal);
      },
      error: (error: unknown) => refused(fromUnknown(error)),
    });
    socket.once('close', () => waiting.unsubscribe());
  } catch (error) {
    refused(fromUnknown(error));
  }
};
