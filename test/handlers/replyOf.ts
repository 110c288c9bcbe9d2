import assert from 'node:assert/strict';
import { isObservable, of } from 'rxjs';
import type { Handler } from '../../src/operators/handle.js';
import type { Authenticated, Exchange, InSession } from '../../src/streams/exchange.js';
import type { Reply } from '../../src/streams/reply.js';

/** The one reply of a handler that has all it needs. */
export const replyOf = (handler: Handler, exchange: Exchange & Authenticated & InSession): Reply => {
  const answer = handler(exchange);
  const replies: Reply[] = [];
  (isObservable(answer) ? answer : of(answer)).subscribe({
    next: (reply) => replies.push(reply),
    error: (error: unknown) => {
      throw error;
    },
  });
  assert.equal(replies.length, 1);
  return replies[0] as Reply;
};
