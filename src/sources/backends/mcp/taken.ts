import { Observable, Subject, type OperatorFunction, type Subscription } from 'rxjs';
import type { Chunk, Head } from '../../fromDispatch.js';
import { HttpRefusal } from './httpRefusal.js';
import { readMessages, streamStart } from './readMessages.js';
import { SessionForgotten } from './sessionForgotten.js';

/** Of a refusal's body only a JSON-RPC error is of interest, and whether the beginning names a session. */
const maxRefusalBytes = 64 * 1024;
const maxText = 1000;

/** How long the rest of an answer that says nothing may take before its connection is given up, in milliseconds. */
const lingerMs = 1000;

/**
 * Reads the answer to a POST of the HTTP+SSE transport: 202, or whatever means success (2.7).
 *
 * ```
 * parts   --H(202)--c--|      the body is left to run out, for its connection can be used again
 * taken   --|
 * parts   --H(404)--c--|
 * taken   -------------#
 * ```
 *
 * @returns completes when the server has taken the message. Errors: `SessionForgotten`, `HttpRefusal`, those of the source
 */
export const taken = (): OperatorFunction<Head | Chunk, never> => (source) =>
  new Observable((subscriber) => {
    const refused = new Subject<Head | Chunk>();
    let accepted = false;
    let text = '';
    refused.pipe(readMessages(maxRefusalBytes, streamStart())).subscribe({
      error: (error: unknown) =>
        subscriber.error(isForgotten(error, text) ? new SessionForgotten(error) : error),
    });
    const parts = source.subscribe({
      next(part) {
        if (accepted) return;
        if (part.kind === 'chunk' && text.length < maxText) text += part.data.toString('latin1', 0, maxText);
        accepted = part.kind === 'head' && part.status >= 200 && part.status < 300;
        if (accepted) subscriber.complete();
        else refused.next(part);
      },
      error: (error: unknown) => (accepted ? undefined : refused.error(error)),
      complete: () => (accepted ? undefined : refused.complete()),
    });
    return () => (accepted ? runOut(parts) : parts.unsubscribe());
  });

/** 404, or the 400 that many servers of that time give instead, in words. */
const isForgotten = (error: unknown, text: string): boolean =>
  error instanceof HttpRefusal && (error.status === 404 || (error.status === 400 && /session/i.test(text)));

const runOut = (parts: Subscription): void => {
  if (parts.closed) return;
  const timer = setTimeout(() => parts.unsubscribe(), lingerMs);
  timer.unref();
  parts.add(() => clearTimeout(timer));
};
