import { Subject, type Observable, type Subscription } from 'rxjs';
import { fromUnknown, refusal } from '../protocol/errors.js';
import type { JsonRpcError, Params } from '../protocol/jsonrpc.js';
import { isObject } from '../protocol/jsonrpc.js';
import type { InputRequest } from '../protocol/input.js';
import type { Task } from '../protocol/tasks.js';
import { paramsForHop } from './paramsForHop.js';
import type { AskReply, Reply } from './reply.js';

/** What changes of a task while it runs. */
export type TaskProgress = Pick<Task, 'status' | 'statusMessage' | 'inputRequests' | 'result' | 'error'>;

/** How many requests of one task may wait for its client; one more is refused. */
const maxAsks = 64;

/**
 * A call that runs as a task: nobody waits for its replies, so they become its state.
 *
 * ```
 * replies   --p-----a........(answered)----r|
 * changes$  --w-----i--------w-------------c|    w working, i input_required, c completed
 * ```
 */
export class RunningTask {
  readonly #changes = new Subject<TaskProgress>();
  /** What it asks and has not been answered, by keys that are used once. */
  readonly #asks = new Map<string, AskReply>();
  #asked = 0;
  #message: string | undefined;
  #calling: Subscription | undefined;
  #ended = false;

  /** Emits each new state; the last is final, and then it completes. */
  get changes$(): Observable<TaskProgress> {
    return this.#changes.asObservable();
  }

  /** What waits for the client's answer. */
  get asks(): ReadonlyMap<string, AskReply> {
    return this.#asks;
  }

  /** Begins. The call is unsubscribed when the task is cancelled. */
  start(replies$: Observable<Reply>): void {
    const calling = replies$.subscribe({
      next: (reply) => this.#receive(reply),
      error: (error: unknown) => this.#fail(fromUnknown(error).toJsonRpc()),
      complete: () => this.#fail(refusal('ERR_UPSTREAM_FAILED', 'The backend gave no answer').toJsonRpc()),
    });
    if (this.#ended) calling.unsubscribe();
    else this.#calling = calling;
  }

  /** Hands answers to whoever asked, by key; unknown keys are ignored (SEP-2663), as are answers given twice. */
  answer(responses: Params): void {
    for (const [key, ask] of [...this.#asks]) {
      const response = Object.hasOwn(responses, key) ? responses[key] : undefined;
      if (!isObject(response)) continue;
      this.#settle(key);
      ask.answer({ result: response });
    }
  }

  /** One ask has been answered by other means, or is nobody's any more. */
  #settle(key: string): void {
    if (this.#asks.delete(key) && !this.#ended) this.#tell();
  }

  /** Ends it; does nothing once it has ended. */
  cancel(): void {
    this.#end({ status: 'cancelled', statusMessage: 'Cancelled' });
  }

  #receive(reply: Reply): void {
    if (this.#ended) return;
    // Inside of a task it is a result of the extension's era (SEP-2663), whatever the server speaks.
    if (reply.kind === 'result')
      this.#end({ status: 'completed', result: { resultType: 'complete', ...reply.result } });
    else if (reply.kind === 'error') this.#fail(reply.error);
    else if (reply.kind === 'ask') this.#ask(reply);
    else if (reply.kind === 'notification' && reply.method === 'notifications/progress') {
      const { message } = reply.params;
      if (typeof message !== 'string' || message === this.#message) return;
      this.#message = message.slice(0, maxMessage);
      this.#tell();
    }
  }

  #ask(ask: AskReply): void {
    if (this.#asks.size >= maxAsks) {
      ask.answer({ error: { code: -32603, message: 'Too many requests wait for the client' } });
      return;
    }
    const key = `ask-${++this.#asked}`;
    this.#asks.set(key, {
      ...ask,
      answer: (given) => {
        ask.answer(given);
        this.#settle(key);
      },
    });
    this.#tell();
  }

  #fail(error: JsonRpcError): void {
    this.#end({ status: 'failed', statusMessage: error.message, error });
  }

  #end(last: TaskProgress): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#asks.clear();
    this.#calling?.unsubscribe();
    this.#changes.next(last);
    this.#changes.complete();
  }

  #tell(): void {
    const statusMessage = this.#message === undefined ? undefined : { statusMessage: this.#message };
    if (this.#asks.size === 0) this.#changes.next({ status: 'working', ...statusMessage });
    else
      this.#changes.next({
        status: 'input_required',
        ...statusMessage,
        inputRequests: requestsOf(this.#asks),
      });
  }
}

/** Longest text of progress that becomes a task's status, in characters. */
const maxMessage = 1000;

const requestsOf = (asks: ReadonlyMap<string, AskReply>): Readonly<Record<string, InputRequest>> =>
  Object.fromEntries(
    [...asks].map(([key, { method, params }]) => {
      // An id that only the 2025 era uses, and what belongs to the other hop.
      const { elicitationId: _elicitationId, ...rest } = paramsForHop(params, {});
      return [key, { method, params: rest }];
    }),
  );

/** The result of an ended task as a reply, for whoever waited for it. */
export const outcomeOf = ({ status, result, error }: Task): Reply => {
  if (error !== undefined) return { kind: 'error', error };
  if (result !== undefined) return { kind: 'result', result: result };
  const why = status === 'cancelled' ? 'The task was cancelled' : 'The task has no result';
  return { kind: 'error', error: refusal('ERR_CANCELLED', why).toJsonRpc() };
};
