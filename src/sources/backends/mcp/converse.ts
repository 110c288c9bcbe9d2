import { Observable, type OperatorFunction, type Subscription } from 'rxjs';
import { isFinal, type Reply } from '../../../streams/reply.js';
import type { Conversation } from './conversation.js';
import { Interrupted } from './interrupted.js';
import type { StreamPosition } from './readMessages.js';

/** How long a stream may go on after the answer before its connection is given up, in milliseconds. */
const lingerMs = 1000;

/**
 * Turns the messages of one request's stream into replies, and ends with the answer.
 *
 * ```
 * messages   --n--x--r----|     n notification, x not for the client, r answer
 * converse   --n-----(r|)       the stream itself is left to run out, for its connection can be used again
 * abandoned  --n--!             abandoned() is called: the server is to be told
 * ```
 *
 * @param talk judges each message
 * @param position whether the answer came as a stream
 * @param abandoned called when the subscriber leaves before the answer
 */
export const converse = (
  talk: Conversation,
  position: StreamPosition,
  abandoned?: () => void,
): OperatorFunction<unknown, Reply> => {
  return (source) =>
    new Observable((subscriber) => {
      let answered = false;
      let ended = false;
      const fail = (error: unknown): void => {
        ended = true;
        subscriber.error(error);
      };
      const next = (message: unknown): void => {
        if (ended) return;
        let reply: Reply | undefined;
        try {
          reply = talk.accept(message);
        } catch (error) {
          return fail(error);
        }
        if (reply === undefined) return;
        // Before it is emitted: a subscriber may leave while it takes the answer.
        answered = ended = isFinal(reply);
        subscriber.next(reply);
        if (answered) subscriber.complete();
      };
      const messages = source.subscribe({
        next,
        error: (error: unknown) => void (ended || fail(error)),
        complete: () => void (ended || fail(new Interrupted())),
      });
      return () => {
        if (answered && position.streaming) return linger(messages);
        if (!ended) abandoned?.();
        messages.unsubscribe();
      };
    });
};

/** Aborting would cost the connection; the end of the stream usually comes with the next packet. */
const linger = (messages: Subscription): void => {
  if (messages.closed) return;
  const timer = setTimeout(() => messages.unsubscribe(), lingerMs);
  timer.unref();
  messages.add(() => clearTimeout(timer));
};
