import type { Server } from 'node:http';
import {
  delay,
  EMPTY,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  type Observable,
} from 'rxjs';
import type { Settings } from '../config/settings.js';
import { internalMethods } from '../protocol/methods.js';
import { relayStamps } from '../protocol/relayStamp.js';
import type { Secrets } from '../protocol/sealer.js';
import { Hops } from '../sources/http/hops.js';
import { relayRequests } from '../sources/http/relayRequests.js';
import type { RequestFeed } from '../sources/http/requestFeed.js';
import { sseStreamOf } from '../sources/sse/sseStreamOf.js';
import { drain } from '../streams/drain.js';
import type { Origin } from '../streams/exchange.js';
import type { Home, Homes } from '../streams/homes.js';
import { select, type Latest } from '../streams/latest.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { Log } from '../streams/log.js';
import type { Peers } from '../streams/peers.js';
import { prompted } from '../streams/prompted.js';
import { sessionId, type Prompt, type SessionStore } from '../streams/sessions.js';
import type { SubscriptionsOfSessions } from '../streams/subscriptionsOfSessions.js';
import { advertised } from './advertised.js';
import { guardOf } from './guardOf.js';
import { perSettings } from './perSettings.js';
import type { RelayDoor } from './relayDoor.js';

export interface RelayingOptions {
  /** Undefined for an instance that is alone. */
  readonly homes: Homes | undefined;
  /** Where others reach it, if not where clients do. */
  readonly door: RelayDoor | undefined;
  readonly settings: Latest<Settings>;
  readonly keys: Latest<Secrets>;
  readonly calls: LiveCalls;
  readonly sessions: Pick<SessionStore, 'changes$'>;
  /** What is held here of sessions, and can't go elsewhere with them. */
  readonly subscriptions: SubscriptionsOfSessions;
  readonly log: Log;
}

/** The part of a gateway that knows of other instances. */
export interface Relaying {
  /** The HTTP requests to be served here. */
  readonly requests: RequestFeed;
  /** The id of this instance; `''` for one that is alone. */
  readonly self: string;
  /** Makes the id of an HTTP+SSE stream, a secret: it says where the stream is. */
  readonly streamId: () => string;
  /** Makes the instance known to the others. Rejects with an `AdvertiseError`. @param url base URL of the server */
  enter(url: string): Promise<void>;
  /** Undefined for an instance that is alone. */
  readonly peers: Peers | undefined;
  /**
   * Lets the others have the sessions when they are asked for them, and what comes here from now on; lets go of clients that listen.
   * Resolves when all know.
   *
   * @returns undefined when there are no others
   */
  leave(): Promise<HandingOver | undefined>;
  close(): void;
}

/** What an instance that leaves has to wait for, besides its own calls. */
export interface HandingOver {
  /** Resolves when the clients that were let go are at home elsewhere, and nothing is relayed from here. */
  readonly done: Promise<unknown>;
  /** Whether the others reach it where clients do. */
  readonly sharesDoor: boolean;
}

/** How long what changes is still noted for sessions that have just gone elsewhere, in milliseconds: until they are told of it there. */
const overlapMs = 1000;

/** A hop that is silent for so many heartbeats has nobody at its end. */
const silentBeats = 4;

/** Wires an instance to the others it shares its sessions with. One that is alone costs nothing. */
export const relaying = (server: Server, options: RelayingOptions): Relaying => {
  const { homes, door, settings, keys, calls, sessions, subscriptions, log } = options;
  if (homes === undefined)
    return {
      requests: server,
      self: '',
      peers: undefined,
      streamId: sessionId,
      enter: () => Promise.resolve(),
      leave: () => Promise.resolve(undefined),
      close: () => undefined,
    };
  const hops = new Hops(
    () => {
      const { http, maxCallMs } = settings.current;
      const silenceMs = http.heartbeatMs * silentBeats;
      return { headMs: maxCallMs + silenceMs, silenceMs };
    },
    () => settings.current.listen.tls?.cert,
  );
  const stamps = select(keys, (current) => relayStamps(current, Date.now));
  let isLeaving = false;
  const moved = new Set<string>();
  const lost = drain(homes.lost$, (id) => {
    // What has been begun is finished. An instance that leaves notes besides what clients miss on their way.
    if (isLeaving) return void moved.add(id);
    calls.endStreams(id);
    subscriptions.endSession(id);
  });
  const gone = drain(homes.gone$, ({ address }) => hops.cut(address));
  const tell = ({ instance, address, state }: Home, origin: Origin, message: unknown): Observable<never> => {
    if (state === 'gone' || address === '') return EMPTY;
    const { namespace, headers, sessionId: session = '' } = origin;
    const { path } = settings.current.listen;
    const url = namespace === undefined ? path : `${path}/${namespace}`;
    const { address: client, certificate } = origin;
    const relayed = { from: homes.self, to: instance, address: client, certificate };
    const stamp = stamps.current.make(relayed, { method: 'POST', url, sessionId: session });
    return hops.tell({ address, path: url, headers, stamp, message });
  };
  const handOver = (): HandingOver => {
    const open = new Set(calls.letGo(internalMethods.stream));
    hops.letGo();
    for (const id of moved) open.delete(id);
    const ended$ = sessions.changes$.pipe(
      filter(({ kind }) => kind === 'ended'),
      map(({ id }) => id),
    );
    const left$ = merge(homes.lost$, ended$).pipe(
      filter((id) => open.delete(id) && open.size === 0),
      delay(overlapMs),
    );
    const allMoved = open.size === 0 ? undefined : firstValueFrom(left$, { defaultValue: undefined });
    return { done: Promise.all([allMoved, hops.whenIdle()]), sharesDoor: door === undefined };
  };
  return {
    self: homes.self,
    requests: relayRequests(door === undefined ? [server] : [server, door.server], {
      homes,
      hops,
      stamps,
      guard: perSettings(settings, guardOf),
      isLeaving: () => isLeaving,
      streamHolder: (request) => {
        const { enabled, messagesPath } = settings.current.transports.legacySse;
        if (!enabled || request.url?.split('?', 1)[0] !== messagesPath) return undefined;
        const [holder, secret] = sseStreamOf(request).split('.');
        return secret === undefined ? undefined : holder;
      },
      log,
    }),
    streamId: () => `${homes.self}.${sessionId()}`,
    async enter(url) {
      const own = (await door?.open()) ?? url;
      if (own.startsWith('unix:')) return settled(homes.enter(own));
      const { address, isLocal } = advertised(own, settings.current.cluster.advertise);
      if (isLocal)
        log.warn(
          { event: 'advertised_loopback', address },
          'Instances on other machines can not reach this one, and would look for its sessions in vain: set `cluster.advertise`',
        );
      await settled(homes.enter(door === undefined ? address : withPort(address, own)));
    },
    peers: {
      tell: (instance, origin, message) =>
        prompted(homes.find(instance)).pipe(
          mergeMap((home) => (home === undefined ? EMPTY : tell(home, origin, message))),
        ),
      tellLeaving: (origin, message) =>
        isLeaving
          ? EMPTY
          : merge(
              ...homes.others
                .filter(({ state }) => state === 'leaving')
                .map((home) => tell(home, origin, message)),
            ),
    },
    async leave() {
      isLeaving = true;
      await settled(homes.leave()).catch((cause: unknown) =>
        // The others find out when they are refused.
        log.warn({ event: 'leave_failed', cause }, 'Could not tell the other instances of leaving'),
      );
      return homes.others.some(({ state }) => state === 'alive') ? handOver() : undefined;
    },
    close() {
      lost.unsubscribe();
      gone.unsubscribe();
      door?.close();
      hops.close();
      homes.close();
    },
  };
};

const settled = (value: Prompt<void>): Promise<void> =>
  lastValueFrom(prompted(value), { defaultValue: undefined });

/** A door has a port of its own, on the host that is known to others. */
const withPort = (address: string, of: string): string => {
  const url = new URL(address);
  url.port = new URL(of).port;
  return url.origin;
};
