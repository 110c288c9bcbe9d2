import { defer, finalize, type Observable } from 'rxjs';
import type { Reply } from '../../../streams/reply.js';
import type { PipeConnection } from '../stdio/pipeConnection.js';
import type { EraCodec } from './eraCodec.js';
import { levelFirst } from './levelFirst.js';
import { levelKeeper } from './levelKeeper.js';
import { SessionForgotten } from './sessionForgotten.js';
import type { Greeting, UpstreamRequest } from './upstreamEra.js';

/** An HTTP+SSE connection with a session on it that is ready for calls. */
export interface SseLine {
  readonly greeting: Greeting;
  /** Sends a request, after the log level it needs; unsubscribing cancels it. */
  send(request: UpstreamRequest): Observable<Reply>;
  /** Ends it when the calls under way are over. */
  retire(): void;
}

/**
 * @param connection tells the requests under way apart
 * @param leave called once, when a retired line has no more calls
 */
export const sseLine = (
  connection: PipeConnection,
  codec: EraCodec,
  greeting: Greeting,
  leave: () => void,
): SseLine => {
  const levels = levelKeeper(greeting);
  let calls = 0;
  let retired = false;

  const run = (request: UpstreamRequest): Observable<Reply> =>
    levelFirst(
      levels,
      request,
      (each) => connection.request(codec, each),
      (error) => error instanceof SessionForgotten,
    );

  const over = (): void => {
    calls--;
    if (retired && calls === 0) leave();
  };

  return {
    greeting,
    send: (request) =>
      defer(() => {
        calls++;
        return run(request);
      }).pipe(finalize(over)),
    retire() {
      if (retired) return;
      retired = true;
      if (calls === 0) leave();
    },
  };
};
