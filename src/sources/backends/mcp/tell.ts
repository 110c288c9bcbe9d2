import { timeout } from 'rxjs';
import { alwaysOpen } from '../../../streams/valve.js';
import type { HttpLink } from './httpLink.js';

/** Longest time for what needs no answer, in milliseconds. */
const tellMs = 1000;

/**
 * Sends a legacy server what needs no answer: a notification, or a response to what it has asked. What becomes of it is nobody's
 * concern: the call it belongs to is over or goes on.
 *
 * @param headers those of the session
 */
export const tell = (link: HttpLink, headers: readonly string[], message: unknown): void => {
  const sent = link.post(headers, JSON.stringify(message), { valve: alwaysOpen }).pipe(timeout(tellMs));
  sent.subscribe({
    error: (error: unknown) =>
      link.log.debug({ server: link.name, err: error }, 'a notification was not delivered'),
  });
};
