import { Observable, timeout, throwError } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import type { Implementation } from '../../../protocol/mcp.js';
import type { EraName } from '../mcp/detectEra.js';
import type { ServerListener, UpstreamEra } from '../mcp/upstreamEra.js';
import { openStdioEra, type OpenedEra } from './openStdioEra.js';
import { pipeConnection } from './pipeConnection.js';
import { ProcessEnded } from './processEnded.js';
import { startChild, type ChildOptions } from './startChild.js';

/** Longest time until a new process can be spoken to, in milliseconds: `npx` may have to fetch the server first. */
const openingMs = 120_000;

export interface FromChildOptions extends ChildOptions {
  readonly clientInfo: Implementation;
  readonly listener: ServerListener;
}

/**
 * One life of a server's process: subscribing starts it, unsubscribing shuts it down.
 *
 * ```
 * fromChild      ---e----------#     e it can be spoken to, # it has ended
 * unsubscribed   ---e----!           stdin closed, SIGTERM, SIGKILL
 * ```
 *
 * @param eras which eras to try, the likelier one first
 * @param ending told of each shutdown; resolves when the process is gone
 * @returns the opened era, once. Errors: `ProcessEnded`, or why it can't be spoken to
 */
export const fromChild = (
  options: FromChildOptions,
  eras: readonly EraName[],
  ending: (gone: Promise<void>) => void,
): Observable<OpenedEra> =>
  new Observable((subscriber) => {
    let ended = false;
    let era: UpstreamEra | undefined;
    const connection = pipeConnection((message) => child.write(message), options.listener, options.log);
    const child = startChild(options, {
      message: connection.take,
      tooLarge: (id) =>
        connection.fail(
          refusal('ERR_UPSTREAM_TOO_LARGE', 'The backend sent an answer that is too large'),
          id,
        ),
      // Left without an answer, it would wait for ever.
      askedTooMuch: (id) =>
        void child.write({
          jsonrpc: '2.0',
          id,
          error: { code: -32600, message: 'The request is too large' },
        }),
      ended(reason) {
        ended = true;
        const error = new ProcessEnded(reason);
        connection.fail(error);
        subscriber.error(error);
      },
    });
    const opening = openStdioEra(connection, options, eras)
      .pipe(
        timeout({
          first: openingMs,
          with: () => throwError(() => refusal('ERR_UPSTREAM_TIMEOUT', 'The backend did not start in time')),
        }),
      )
      .subscribe({
        next: (opened) => {
          era = opened.era;
          subscriber.next(opened);
        },
        error: (error: unknown) => subscriber.error(error),
      });
    return () => {
      opening.unsubscribe();
      // Nothing is sent by it: what was watched has to be watched anew in the next life.
      era?.end().subscribe();
      connection.fail(refusal('ERR_UPSTREAM_FAILED', 'The backend was shut down before it had answered'));
      if (!ended) ending(child.end());
    };
  });
