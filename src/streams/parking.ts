/** Calls to servers of the 2025 era that wait, between two requests of their client, for what the server has asked. */
import { randomBytes } from 'node:crypto';
import { Observable, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { exhausted } from '../protocol/exhausted.js';
import { isObject, type Params } from '../protocol/jsonrpc.js';
import { paramsForHop } from './paramsForHop.js';
import { isFinal, type AskReply, type Reply } from './reply.js';
import { alwaysOpen, type Pausable, type Valve } from './valve.js';

export interface ParkingOptions {
  /** How long a parked call waits for its client, in milliseconds; the server's call is cancelled then. */
  readonly ttlMs: number;
  /** How many calls may be parked; one more is refused. */
  readonly max: number;
  readonly scheduler: SchedulerLike;
}

/** How long after its first request a server's others are waited for, in milliseconds. */
const gatherMs = 10;

/** How many requests of one server may wait for one client; one more is refused. */
const maxAsks = 64;

/** How many replies a parked call keeps for its client: progress beyond it is dropped, oldest first. */
const maxKept = 64;

/**
 * Turns requests into rounds: when a server asks in the middle of a call, the client gets an `input_required` result and the
 * call is parked; the client's retry answers the server and goes on with the call where it stood.
 *
 * ```
 * server        --n--ask..............(answered)--n--r|
 * first round   --n--(input_required|)
 * retry                                ^----------n--(r|)
 * ```
 */
export class Parking {
  readonly #parked = new Map<string, ParkableCall>();
  readonly #options: ParkingOptions;

  constructor(options: ParkingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#parked.size;
  }

  /**
   * The replies of a call up to its end, or up to the result that asks for input.
   *
   * @param seal makes the `requestState` for the id of a parked call
   * @param permit throws when this client can not be asked for that: nothing is parked then, and the call is cancelled
   * @param demand what the server of the call is attached to; clients of later rounds pass their own demand on to it
   */
  watch(
    replies$: Observable<Reply>,
    seal: (parked: string) => string,
    demand: Pausable = alwaysOpen,
    permit: Permit = anything,
  ): Observable<Reply> {
    return new Observable((subscriber) => {
      const call = new ParkableCall({
        ...this.#options,
        permit,
        seal,
        demand,
        park: (id, parked) => {
          if (this.#parked.size >= this.#options.max)
            throw exhausted(
              'ERR_PARKED_EXHAUSTED',
              'Too many calls wait for their clients: try again later',
              {
                limit: 'streams.parked',
                max: this.#options.max,
              },
            );
          this.#parked.set(id, parked);
        },
        leave: (id) => this.#parked.delete(id),
      });
      call.start(replies$, subscriber);
      return () => call.detach(subscriber);
    });
  }

  /** Goes on with a parked call. Errors with `ERR_STATE_INVALID` if it is no longer there. */
  resume(
    id: string,
    inputResponses: unknown,
    client: Valve = alwaysOpen,
    permit: Permit = anything,
  ): Observable<Reply> {
    return new Observable((subscriber) => {
      const call = this.#parked.get(id);
      if (call === undefined) {
        subscriber.error(
          refusal(
            'ERR_STATE_INVALID',
            'The call that this requestState belongs to has ended: send it again without',
            {
              data: { reason: 'invalid_request_state' },
            },
          ),
        );
        return undefined;
      }
      this.#parked.delete(id);
      subscriber.add(client.attach(call.demand));
      call.resume(isObject(inputResponses) ? inputResponses : {}, subscriber, permit);
      return () => {
        call.detach(subscriber);
        // Between two rounds nobody reads, and little is kept: the server is not held back for that.
        call.demand.resume();
      };
    });
  }

  /** Cancels all that is parked. */
  close(): void {
    for (const call of this.#parked.values()) call.cancel();
    this.#parked.clear();
  }
}

/** What a client is to be asked for, by key. */
type InputRequests = Readonly<Record<string, { readonly method: string; readonly params: Params }>>;
/** Throws when a client can not be asked for that. */
type Permit = (inputRequests: InputRequests) => void;
const anything: Permit = () => undefined;

interface ParkableOptions extends ParkingOptions {
  readonly permit: Permit;
  readonly seal: (parked: string) => string;
  readonly demand: Pausable;
  readonly park: (id: string, call: ParkableCall) => void;
  readonly leave: (id: string) => void;
}

/** One call to a server, over the rounds of its client. */
class ParkableCall {
  readonly #options: ParkableOptions;
  readonly #asks = new Map<string, AskReply>();
  #client: Subscriber<Reply> | undefined;
  #permit: Permit;
  #upstream: Subscription | undefined;
  #expiry: Subscription | undefined;
  #kept: Reply[] = [];
  #failure: { readonly error: unknown } | undefined;
  #gathering: Subscription | undefined;
  #asked = 0;
  /** Whether the answer has come. */
  #ended = false;

  constructor(options: ParkableOptions) {
    this.#options = options;
    this.#permit = options.permit;
  }

  get demand(): Pausable {
    return this.#options.demand;
  }

  start(replies$: Observable<Reply>, client: Subscriber<Reply>): void {
    this.#client = client;
    const upstream = replies$.subscribe({
      next: (reply) => this.#receive(reply),
      error: (error: unknown) => this.#fail(error),
      complete: () => {
        if (!this.#ended) this.#fail(refusal('ERR_UPSTREAM_FAILED', 'The backend ended without an answer'));
      },
    });
    // A call that ended while subscribing has nobody left to hold it.
    if (upstream.closed) return;
    this.#upstream = upstream;
  }

  resume(responses: Params, client: Subscriber<Reply>, permit: Permit): void {
    this.#permit = permit;
    this.#expiry?.unsubscribe();
    this.#client = client;
    // First what came before the answers; it may be the end, for a server need not wait for ever.
    for (const reply of this.#kept.splice(0)) this.#pass(reply);
    if (this.#client !== client) return;
    if (this.#failure !== undefined) {
      client.error(this.#failure.error);
      return;
    }
    for (const [key, ask] of [...this.#asks]) {
      const response = Object.hasOwn(responses, key) ? responses[key] : undefined;
      if (!isObject(response)) continue;
      this.#asks.delete(key);
      ask.answer({ result: response });
    }
    if (this.#client === client && this.#asks.size > 0) this.#askClient();
  }

  /** The client has gone: while it is being answered that cancels the call, once it is parked it does not. */
  detach(client: Subscriber<Reply>): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.cancel();
  }

  cancel(): void {
    this.#expiry?.unsubscribe();
    this.#gathering?.unsubscribe();
    this.#upstream?.unsubscribe();
  }

  #receive(reply: Reply): void {
    if (isFinal(reply)) this.#ended = true;
    if (reply.kind === 'ask') {
      if (this.#asks.size >= maxAsks) {
        reply.answer({ error: { code: -32603, message: 'Too many requests wait for the client' } });
        return;
      }
      this.#asks.set(`ask-${++this.#asked}`, reply);
      if (this.#client !== undefined && this.#asks.size === 1) this.#gather();
    } else if (this.#client !== undefined) this.#pass(reply);
    else {
      this.#kept.push(reply);
      if (this.#kept.length > maxKept) this.#kept.shift();
    }
  }

  /** A server that asks for several things does so in one breath: they go into one round. */
  #gather(): void {
    this.#gathering = this.#options.scheduler.schedule(() => {
      if (this.#client !== undefined) this.#askClient();
    }, gatherMs);
  }

  #pass(reply: Reply): void {
    const client = this.#client;
    client?.next(reply);
    if (!isFinal(reply)) return;
    this.#client = undefined;
    client?.complete();
  }

  #fail(error: unknown): void {
    if (this.#client !== undefined) this.#client.error(error);
    else this.#failure = { error };
  }

  #askClient(): void {
    this.#gathering?.unsubscribe();
    const id = randomBytes(16).toString('base64url');
    const { park, leave, seal, ttlMs, scheduler } = this.#options;
    const inputRequests = Object.fromEntries(
      [...this.#asks].map(([key, { method, params }]) => [
        key,
        { method, params: withoutElicitationId(params) },
      ]),
    );
    try {
      this.#permit(inputRequests);
      park(id, this);
    } catch (error) {
      this.#fail(error);
      return;
    }
    const client = this.#client;
    // From here on the end of the response is no longer the end of the call.
    this.#client = undefined;
    this.#expiry = scheduler.schedule(() => {
      leave(id);
      this.cancel();
    }, ttlMs);
    client?.next({
      kind: 'result',
      result: { resultType: 'input_required', inputRequests, requestState: seal(id) },
    });
    client?.complete();
  }
}

/** An id that only the 2025 era uses, and a progress token of the other hop. */
const withoutElicitationId = (params: Params): Params => {
  const { elicitationId: _elicitationId, ...rest } = paramsForHop(params, {});
  return rest;
};
