import { Observable, Subscription, timeout, timer, type Subscriber } from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import { isObject, type JsonRpcError, type Params } from '../../../protocol/jsonrpc.js';
import { listenMethod } from '../../../protocol/methods.js';
import type { Log } from '../../../streams/log.js';
import type { Reply } from '../../../streams/reply.js';
import { EraContradicted } from './eraContradicted.js';
import { plainRequest } from './plainRequest.js';
import type { ServerListener, UpstreamRequest } from './upstreamEra.js';
import { watchRefused } from './watchRefused.js';
import type { Watches } from './watches.js';

/** Pause before a stream is opened again: doubled each time in vain, between these bounds, in milliseconds. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** A stream that lasted this long was not in vain. */
const steadyMs = 30_000;
/** How long a server may take to acknowledge, in milliseconds. */
const acknowledgeMs = 10_000;
/** Changes of what is watched are gathered for so long; what is no longer wanted may go on for a while. */
const addMs = 5;
const dropMs = 250;
/** Most resources watched at one server. */
const maxWatched = 10_000;

const listKeys = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
} as const;

/** One `subscriptions/listen`. */
interface Stream {
  /** What was asked for, as text to compare by. */
  readonly key: string;
  readonly asked: ReadonlySet<string>;
  readonly subscription: Subscription;
  accepted: ReadonlySet<string>;
  acknowledgedAt: number | undefined;
}

interface Watcher {
  readonly subscriber: Subscriber<void>;
  told: boolean;
}

export interface ListenKeeperOptions {
  readonly send: (request: UpstreamRequest) => Observable<Reply>;
  readonly listener: ServerListener;
  readonly log: Log;
}

/**
 * Keeps one `subscriptions/listen` open at a server of the 2026 era (3.7), for all its lists and all watched resources.
 *
 * A stream's filter can't be changed: another one is opened, and takes over when it is acknowledged. One that breaks is opened
 * again with growing pauses; whatever may have changed in between is then said to have changed.
 */
export class ListenKeeper implements Watches {
  readonly #options: ListenKeeperOptions;
  readonly #watched = new Map<string, Set<Watcher>>();
  #lists: Readonly<Record<string, true>> = {};
  #current: Stream | undefined;
  #opening: Stream | undefined;
  #plan: { readonly at: number; readonly timer: Subscription } | undefined;
  #notBefore = 0;
  #failures = 0;
  #missed = false;
  /** What the server has refused for good. */
  #refused: string | undefined;
  #stopped: Error | undefined;

  constructor(options: ListenKeeperOptions) {
    this.#options = options;
  }

  greeted({ capabilities }: { readonly capabilities: Readonly<Record<string, unknown>> }): void {
    const declared = Object.entries(listKeys).filter(([kind]) => {
      const capability = capabilities[kind];
      return isObject(capability) && capability['listChanged'] === true;
    });
    this.#lists = Object.fromEntries(declared.map(([, key]) => [key, true] as const));
    this.#planOpening(0);
  }

  watch(uri: string): Observable<void> {
    return new Observable((subscriber) => {
      if (this.#stopped !== undefined) return subscriber.error(this.#stopped);
      let watchers = this.#watched.get(uri);
      if (watchers === undefined) {
        if (this.#watched.size >= maxWatched)
          return subscriber.error(
            refusal('ERR_SUBSCRIPTIONS_EXHAUSTED', 'Too many resources of the backend are watched'),
          );
        this.#watched.set(uri, (watchers = new Set<Watcher>()));
        this.#planOpening(addMs);
      }
      const own = watchers;
      const watcher: Watcher = { subscriber, told: this.#current?.accepted.has(uri) === true };
      own.add(watcher);
      if (watcher.told) subscriber.next();
      return () => {
        own.delete(watcher);
        if (own.size > 0 || this.#watched.get(uri) !== own) return;
        this.#watched.delete(uri);
        this.#planOpening(dropMs);
      };
    });
  }

  stop(error: Error): void {
    this.#stopped = error;
    this.#plan?.timer.unsubscribe();
    this.#current?.subscription.unsubscribe();
    this.#opening?.subscription.unsubscribe();
    const all = [...this.#watched.values()].flatMap((watchers) => [...watchers]);
    this.#watched.clear();
    for (const { subscriber } of all) subscriber.error(error);
  }

  #planOpening(waitMs: number): void {
    if (this.#stopped !== undefined) return;
    const now = Date.now();
    const at = Math.max(now + waitMs, this.#notBefore);
    if (this.#plan !== undefined && this.#plan.at <= at) return;
    this.#plan?.timer.unsubscribe();
    this.#plan = { at, timer: timer(at - now).subscribe(() => this.#open()) };
  }

  #wanted(): Params {
    return this.#watched.size === 0
      ? this.#lists
      : { ...this.#lists, resourceSubscriptions: [...this.#watched.keys()] };
  }

  #open(): void {
    this.#plan = undefined;
    const wanted = this.#wanted();
    const key = JSON.stringify(wanted);
    // One that is being opened is let finish; what it lacks follows.
    if (this.#opening !== undefined) return;
    // Its answer to this is known: what it did not take then it does not take now.
    if (key === this.#refused || key === this.#current?.key) return this.#refuseUntold();
    if (Object.keys(wanted).length === 0) {
      this.#current?.subscription.unsubscribe();
      this.#current = undefined;
      return;
    }
    const stream: Stream = {
      key,
      asked: new Set(this.#watched.keys()),
      subscription: new Subscription(),
      accepted: new Set(),
      acknowledgedAt: undefined,
    };
    this.#opening = stream;
    const request = plainRequest(listenMethod, { notifications: wanted });
    stream.subscription.add(
      this.#options
        .send(request)
        .pipe(timeout({ first: acknowledgeMs }))
        .subscribe({
          next: (reply) => this.#take(stream, reply),
          error: (error: unknown) => this.#broken(stream, error),
        }),
    );
  }

  #take(stream: Stream, reply: Reply): void {
    if (reply.kind === 'result') return this.#broken(stream, undefined);
    if (reply.kind === 'error') return this.#refusedBy(stream, reply.error);
    if (reply.kind !== 'notification') return;
    const { method, params } = reply;
    if (method === 'notifications/subscriptions/acknowledged') this.#acknowledged(stream, params);
    else if (stream.acknowledgedAt === undefined) return;
    else if (method === 'notifications/resources/updated') {
      const uri = params['uri'];
      if (typeof uri === 'string') this.#options.listener.updated(uri);
    } else if (method.endsWith('/list_changed')) this.#options.listener.changed();
  }

  #acknowledged(stream: Stream, { notifications }: Params): void {
    if (this.#opening !== stream) return;
    const uris = isObject(notifications) ? notifications['resourceSubscriptions'] : undefined;
    const accepted = new Set(Array.isArray(uris) ? (uris as unknown[]).map(String) : []);
    const before = this.#current;
    stream.accepted = accepted;
    stream.acknowledgedAt = Date.now();
    this.#current = stream;
    this.#opening = undefined;
    before?.subscription.unsubscribe();
    if (this.#missed) this.#sayAllChanged();
    for (const [uri, watchers] of [...this.#watched])
      for (const watcher of [...watchers])
        if (accepted.has(uri)) tell(watcher);
        else if (stream.asked.has(uri)) watcher.subscriber.error(watchRefused(uri));
    this.#planOpening(0);
  }

  #refuseUntold(): void {
    for (const [uri, watchers] of [...this.#watched])
      for (const { told, subscriber } of [...watchers]) if (!told) subscriber.error(watchRefused(uri));
  }

  #sayAllChanged(): void {
    this.#missed = false;
    this.#options.listener.changed();
    for (const [uri, watchers] of this.#watched)
      if ([...watchers].some(({ told }) => told)) this.#options.listener.updated(uri);
  }

  /** -32601 and -32602 will not change by asking again; what was watched is given up, and the lists are asked for alone. */
  #refusedBy(stream: Stream, error: JsonRpcError): void {
    if (error.code !== -32601 && error.code !== -32602) return this.#broken(stream, error);
    if (this.#opening === stream) this.#opening = undefined;
    this.#refused = stream.key;
    for (const uri of stream.asked)
      for (const { subscriber } of [...(this.#watched.get(uri) ?? [])])
        subscriber.error(watchRefused(uri, error.code === -32601 ? error : undefined));
    this.#planOpening(0);
  }

  #broken(stream: Stream, cause: unknown): void {
    if (stream !== this.#current && stream !== this.#opening) return;
    if (stream === this.#current) {
      this.#current = undefined;
      this.#missed = true;
    } else this.#opening = undefined;
    stream.subscription.unsubscribe();
    const now = Date.now();
    const steady = stream.acknowledgedAt !== undefined && now - stream.acknowledgedAt >= steadyMs;
    this.#failures = steady ? 0 : this.#failures + 1;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, this.#failures - 1));
    this.#notBefore = now + pause * (0.5 + Math.random() / 2);
    // Another server is there now: asking for its lists finds that out.
    if (cause instanceof EraContradicted) this.#options.listener.changed();
    this.#options.log.debug({ err: cause }, 'a listen stream ended; it is opened again');
    this.#planOpening(0);
  }
}

const tell = (watcher: Watcher): void => {
  if (watcher.told) return;
  watcher.told = true;
  watcher.subscriber.next();
};
