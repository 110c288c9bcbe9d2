import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Registry } from 'prom-client';
import type { Observable } from 'rxjs';
import type { CallRecord } from '../protocol/audit/callRecord.js';
import type { Analytics } from '../sinks/analytics/analytics.js';
import type { Catalog } from '../streams/catalog.js';
import type { Counters } from '../streams/counters.js';
import type { Latest } from '../streams/latest.js';
import type { Inside } from './admin/questions.js';
import type { Health } from './health.js';
import type { InstanceState } from './instanceStates.js';
import type { Pipes } from './pipes.js';

/** A gateway, made by `createGateway`. */
export interface Gateway {
  /** Starts both listeners. Rejects with a `ListenError`, an `AdvertiseError` or an `AnalyticsError`. */
  listen(): Promise<{ readonly url: string; readonly adminUrl: string }>;
  /**
   * Serves the requests of a server of the program's own: Node's, Express's, Fastify's. What is not for the gateway goes to `next`,
   * where there is one, else it is answered with 404.
   *
   * @param extra `next` of Express; or the body, where somebody has parsed it already
   */
  listener(request: IncomingMessage, response: ServerResponse, extra?: unknown): void;
  /** The same for whoever speaks Fetch. The answer's body streams; the request's `signal` and cancelling the body cancel the call. */
  fetch(request: Request): Promise<Response>;
  /** Takes what the `upgrade` event of such a server gives: WebSockets. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Serves one local client on a pipe; resolves when its input has ended or it has left. Calls in flight go on. */
  serve(pipes: Pipes): Promise<void>;
  /** Resolves when every server has answered or failed once. Rejects with a `PipelineError` or an `AnalyticsError`. */
  ready(): Promise<void>;
  readonly catalog: Latest<Catalog>;
  /** How each instance stands, to everyone who subscribes, and again whenever its breaker or its health changes, it comes or goes. */
  readonly instances$: Observable<InstanceState>;
  /**
   * A record of each request that has ended or was refused from now on, made only while somebody is subscribed. Synchronous: whoever
   * takes them must be quick, must not throw, and keep within bounds.
   */
  readonly records$: Observable<CallRecord>;
  /** What the console can ask it. */
  readonly inside: Inside;
  /** The calls of the past as a table; undefined where the settings keep none. */
  readonly analytics: Analytics | undefined;
  health(): Health;
  /** What `/metrics` shows. Metrics of a program's own can be registered with it. */
  metrics(): Registry;
  /** Counts what is limited by rate or quota, for all instances together: for operators of a program's own. */
  readonly counters: Counters;
  /** Stops taking calls, lets those in flight finish within `drain_timeout`, ends sessions, connections and children. */
  close(): Promise<void>;
}
