import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { first, isObservable, Subscription } from 'rxjs';
import { headerOf } from '../../protocol/classify.js';
import { fromUnknown, refusal, type GatewayError } from '../../protocol/errors.js';
import { relayedHeader, type RelayStamps, type Stamped } from '../../protocol/relayStamp.js';
import { followed } from '../../streams/followed.js';
import type { Home, Homes } from '../../streams/homes.js';
import type { Latest } from '../../streams/latest.js';
import type { Log } from '../../streams/log.js';
import type { Prompt } from '../../streams/sessions.js';
import { allowOrigin } from './cors.js';
import { guard, type GuardOptions } from './guard.js';
import type { HopFailure, Hops } from './hops.js';
import { refuse } from './refuse.js';
import { relayedRequests } from './relayedRequests.js';
import type { RequestFeed } from './requestFeed.js';

export interface RelayOptions {
  readonly homes: Homes;
  readonly hops: Hops;
  readonly stamps: Latest<RelayStamps>;
  readonly guard: Latest<GuardOptions>;
  /** The instance whose stream (HTTP+SSE) a request is for; undefined for all others. */
  readonly streamHolder: (request: IncomingMessage) => string | undefined;
  /** Whether this instance is leaving: then what comes to it goes to another one. */
  readonly isLeaving: () => boolean;
  readonly log: Log;
}

/** How often a home may turn out to have moved on while one request looks for it. */
const maxMoves = 3;

/**
 * Parts the requests that are served here from those of sessions that are at home on another instance, which get them as they are, unread;
 * their answers come back the same way.
 *
 * > Whoever is asked for a session whose home is gone, or leaves, becomes its home. One that leaves asks another.
 *
 * A request is sent once: one that has not arrived is served here or gets 503; one that may have, 502.
 *
 * @param servers where clients and other instances come in
 * @returns the requests to be served here
 */
export const relayRequests = (servers: readonly RequestFeed[], options: RelayOptions): RequestFeed => {
  const here = new EventEmitter();
  const taker = (request: IncomingMessage, response: ServerResponse): void =>
    new Visit(request, response, options, () => here.emit('request', request, response)).begin();
  for (const server of servers) server.on('request', taker);
  return here;
};

/** One request that looks for its home. */
class Visit {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: RelayOptions;
  readonly #serve: () => void;
  /** The session, or the holder of the stream, that the request is about. */
  #about = '';
  #moves = 0;

  constructor(request: IncomingMessage, response: ServerResponse, options: RelayOptions, serve: () => void) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#serve = serve;
  }

  begin(): void {
    const { headers } = this.#request;
    const sessionId = headerOf(headers, 'mcp-session-id');
    const holder = sessionId === undefined ? this.#options.streamHolder(this.#request) : undefined;
    const stamp = headerOf(headers, relayedHeader);
    const { homes, isLeaving } = this.#options;
    try {
      this.#about = sessionId ?? holder ?? '';
      const isRelayed = stamp !== undefined && this.#confirm(stamp);
      const isForAny = sessionId === undefined && holder === undefined;
      if (holder === homes.self || (isForAny && !isLeaving())) return this.#serve();
      if (!isRelayed) guard(this.#request, this.#options.guard.current);
      if (sessionId !== undefined) this.#seek(sessionId, this.#homeOf(sessionId));
      else this.#seek(undefined, holder === undefined ? undefined : homes.find(holder));
    } catch (error) {
      this.#refuse(fromUnknown(error));
    }
  }

  /** Takes what is known of the client from an instance that proves to be one of ours. */
  #confirm(stamp: string): boolean {
    const { stamps, homes, log } = this.#options;
    const relayed = stamps.current.check(stamp, this.#stamped);
    if (relayed === undefined) return false;
    const { from, to, address, certificate } = relayed;
    if (to !== homes.self) {
      log.warn(
        { event: 'relay_astray', from, to },
        'A request for another instance has come here: see `cluster.advertise`',
      );
      throw unreachable();
    }
    relayedRequests.add(this.#request, { address, certificate });
    return true;
  }

  /** Goes to the home, as soon as that is known; meanwhile the request stays unread. */
  #seek(sessionId: string | undefined, home: Prompt<Home | undefined>): void {
    if (!isObservable(home)) return this.#go(sessionId, home);
    const seeking = new Subscription();
    const left = (): void => seeking.unsubscribe();
    this.#response.once('close', left);
    seeking.add(() => this.#response.off('close', left));
    seeking.add(
      home.pipe(first()).subscribe({
        next: (found) => this.#go(sessionId, found),
        error: (error: unknown) => this.#refuse(fromUnknown(error)),
        complete: () => seeking.unsubscribe(),
      }),
    );
  }

  /** The living home of a session if that is elsewhere, once this instance has tried to take its place where it does not live. */
  #homeOf(sessionId: string): Prompt<Home | undefined> {
    return followed(this.#options.homes.elsewhere(sessionId), (home) => this.#settled(sessionId, home));
  }

  #settled(sessionId: string, home: Home | undefined): Prompt<Home | undefined> {
    if (home === undefined || home.state === 'alive') return home;
    if (++this.#moves > maxMoves) throw unreachable();
    const { homes, hops, log } = this.#options;
    if (home.state === 'gone') hops.drop(home.address);
    log.debug({ event: 'session_taken_over', from: home.instance, state: home.state }, 'session taken over');
    return followed(homes.takeOver(sessionId, home), (next) => this.#settled(sessionId, next));
  }

  #go(sessionId: string | undefined, found: Home | undefined): void {
    const { headers } = this.#request;
    // A request is relayed once: instances that don't agree must not play with it.
    if (headers[relayedHeader] !== undefined) return this.#serve();
    const { homes, hops, stamps, isLeaving } = this.#options;
    const home = found ?? (isLeaving() ? anyOf(homes.others) : undefined);
    if (home === undefined) return this.#serve();
    if (isLeaving()) this.#response.setHeader('connection', 'close');
    const relayed = { from: homes.self, to: home.instance, ...relayedRequests.clientOf(this.#request) };
    hops.take({
      address: home.address,
      request: this.#request,
      response: this.#response,
      stamp: stamps.current.make(relayed, this.#stamped),
      failed: (failure) => this.#failed(sessionId, home, failure),
    });
  }

  #failed(sessionId: string | undefined, home: Home, { begun, gone, cause }: HopFailure): void {
    const { log } = this.#options;
    log.warn({ event: 'relay_failed', instance: home.instance, begun, cause }, 'relaying has failed');
    try {
      if (begun && this.#request.method === 'POST') throw lost();
      // Without a body it can be sent again: an instance that has ended refuses it then.
      if (!begun && !gone) throw unreachable();
      if (++this.#moves > maxMoves) throw unreachable();
      if (sessionId === undefined) return this.#serve();
      this.#seek(
        sessionId,
        begun ? this.#homeOf(sessionId) : this.#settled(sessionId, { ...home, state: 'gone' }),
      );
    } catch (error) {
      this.#refuse(fromUnknown(error));
    }
  }

  get #stamped(): Stamped {
    const { method = '', url = '' } = this.#request;
    return { method, url, sessionId: this.#about };
  }

  #refuse(error: GatewayError): void {
    allowOrigin(this.#request, this.#response);
    refuse(this.#request, this.#response, error);
  }
}

const anyOf = (homes: readonly Home[]): Home | undefined => {
  const living = homes.filter(({ state, address }) => state === 'alive' && address !== '');
  return living[Math.floor(Math.random() * living.length)];
};

const unreachable = () =>
  refusal('ERR_HOME_UNREACHABLE', 'The instance that holds this session can not be reached: try again', {
    headers: { 'retry-after': '1' },
  });
const lost = () =>
  refusal(
    'ERR_INSTANCE_LOST',
    'The instance that held this session has ended: whether the request was served is not known',
  );
