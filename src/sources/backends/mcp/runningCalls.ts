import { Observable, type Subscriber } from 'rxjs';
import type { JsonRpcRequest, JsonRpcResponse } from '../../../protocol/jsonrpc.js';
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
  const running = new Map<Subscriber<Reply>, UpstreamRequest>();
  return {
    run: (request, replies$) =>
      new Observable((subscriber) => {
        running.set(subscriber, request);
        subscriber.add(() => running.delete(subscriber));
        return replies$.subscribe(subscriber);
      }),
    take(request) {
      const [only, another] = running;
      if (only === undefined || another !== undefined) return void respond(refuseRequest(request));
      const [subscriber, { capabilities }] = only;
      const ask = asked(request, capabilities, respond);
      if (ask !== undefined) subscriber.next(ask);
    },
  };
};
