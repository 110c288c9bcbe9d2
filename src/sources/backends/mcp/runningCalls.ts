import { Observable, type Subscriber } from 'rxjs';
import type { JsonRpcRequest, JsonRpcResponse } from '../../../protocol/jsonrpc.js';
import { Members } from '../../../streams/members.js';
import type { Reply } from '../../../streams/reply.js';
import { asked } from './asked.js';
import { refuseRequest } from './refuseRequest.js';
import type { UpstreamRequest } from './upstreamEra.js';

/** The calls under way in one legacy session, for what the server asks without saying for which of them. */
export interface RunningCalls {
  /** The replies to a call, with what the server asks meanwhile among them. */
  run(request: UpstreamRequest, replies$: Observable<Reply>): Observable<Reply>;
  /**
   * Takes a request that came on the session's own stream: the one call under way is asked. Where there is none, or more than
   * one, it can't be told whose it is, and a wrong client must not be asked: it is refused.
   */
  take(request: JsonRpcRequest): void;
}

/** @param respond sends a response to the server */
export const runningCalls = (respond: (response: JsonRpcResponse) => void): RunningCalls => {
  const running = new Members<{
    readonly subscriber: Subscriber<Reply>;
    readonly request: UpstreamRequest;
  }>();
  return {
    run: (request, replies$) =>
      new Observable((subscriber) => {
        const place = running.add({ subscriber, request });
        subscriber.add(() => place.leave());
        return replies$.subscribe(subscriber);
      }),
    take(question) {
      const [only, another] = running;
      if (only === undefined || another !== undefined) return void respond(refuseRequest(question));
      const { subscriber, request } = only;
      const ask = asked(question, request.capabilities, respond);
      if (ask !== undefined) subscriber.next(ask);
    },
  };
};
