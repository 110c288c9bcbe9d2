import type { Server } from 'node:http';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { relayStamps } from '../protocol/relayStamp.js';
import type { Secrets } from '../protocol/sealer.js';
import { Hops } from '../sources/http/hops.js';
import { relayRequests } from '../sources/http/relayRequests.js';
import type { RequestFeed } from '../sources/http/requestFeed.js';
import { sseStreamOf } from '../sources/sse/sseStreamOf.js';
import { drain } from '../streams/drain.js';
import type { Homes } from '../streams/homes.js';
import { select, type Latest } from '../streams/latest.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { Log } from '../streams/log.js';
import { sessionId, type Prompt } from '../streams/sessions.js';
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
  /** What is held here of sessions, besides calls, and can't go elsewhere with them. */
  readonly holders: readonly { endSession(id: string): void }[];
  readonly isDraining: () => boolean;
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
  /** Lets the others have the sessions, when they are asked for them. */
  leave(): Promise<void>;
  close(): void;
}

/** A hop that is silent for so many heartbeats has nobody at its end. */
const silentBeats = 4;

/** Wires an instance to the others it shares its sessions with. One that is alone costs nothing. */
export const relaying = (server: Server, options: RelayingOptions): Relaying => {
  const { homes, door, settings, keys, calls, holders, isDraining, log } = options;
  if (homes === undefined)
    return {
      requests: server,
      self: '',
      streamId: sessionId,
      enter: () => Promise.resolve(),
      leave: () => Promise.resolve(),
      close: () => undefined,
    };
  const hops = new Hops(() => {
    const { http, maxCallMs } = settings.current;
    const silenceMs = http.heartbeatMs * silentBeats;
    return { headMs: maxCallMs + silenceMs, silenceMs };
  });
  const stamps = select(keys, (current) => relayStamps(current, Date.now));
  const lost = drain(homes.lost$, (id) => {
    // What an instance that leaves has begun it finishes.
    if (!isDraining()) calls.endSession(id);
    for (const holder of holders) holder.endSession(id);
  });
  return {
    self: homes.self,
    requests: relayRequests(door === undefined ? [server] : [server, door.server], {
      homes,
      hops,
      stamps,
      guard: perSettings(settings, guardOf),
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
    leave: () =>
      settled(homes.leave()).catch((cause: unknown) =>
        // The others find out when they are refused.
        log.warn({ event: 'leave_failed', cause }, 'could not tell the other instances of leaving'),
      ),
    close() {
      lost.unsubscribe();
      door?.close();
      hops.close();
      homes.close();
    },
  };
};

const settled = async (value: Prompt<void>): Promise<void> => {
  if (isObservable(value)) await lastValueFrom(value, { defaultValue: undefined });
};

/** A door has a port of its own, on the host that is known to others. */
const withPort = (address: string, of: string): string => {
  const url = new URL(address);
  url.port = new URL(of).port;
  return url.origin;
};
