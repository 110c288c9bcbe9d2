import type { StreamSettings } from '../config/settings.js';
import type { GatewayError } from '../protocol/errors.js';
import { exhausted } from '../protocol/exhausted.js';
import { isObject } from '../protocol/jsonrpc.js';
import { listenMethod } from '../protocol/methods.js';
import { addressKey } from './addressKey.js';
import type { ClientAddress } from './clientAddress.js';
import type { Authenticated, Exchange, Resolved } from './exchange.js';
import { Slots } from './slots.js';

/** How many exchanges with the same key may be under way at a time. */
export interface StreamLimit<E extends Exchange> {
  /** Where they are counted. */
  readonly slots: Slots;
  /** Whose an exchange is; undefined for one that this limit has nothing to do with. */
  readonly keyOf: (exchange: E) => string | undefined;
  /** How much an exchange counts; 1 if not given. */
  readonly countOf?: (exchange: E) => number;
  readonly max: number;
  readonly refuse: () => GatewayError;
}

export interface StreamLimits {
  readonly ofClient: StreamLimit<Exchange & Authenticated>;
  readonly ofSession: StreamLimit<Exchange>;
  readonly ofServer: StreamLimit<Exchange & Resolved>;
  /** Counts the resources and tasks that a client watches. */
  readonly watchedOfClient: StreamLimit<Exchange & Authenticated>;
}

/** Where the streams of a gateway are counted; they outlive the configuration, as the calls do. */
export interface StreamSlots {
  readonly client: Slots;
  readonly session: Slots;
  readonly server: Slots;
  /** Of clients, for the resources that they watch. */
  readonly watched: Slots;
}

export const streamSlots = (): StreamSlots => ({
  client: new Slots(),
  session: new Slots(),
  server: new Slots(),
  watched: new Slots(),
});

/**
 * The limits on what is under way at a time, of a client, a session and a server.
 *
 * Clients that have not said who they are can be told apart by nothing but their address.
 *
 * @param addressOf finds it
 */
export const streamLimits = (
  { perClient, perSession, perServer, resourcesPerClient }: StreamSettings,
  slots: StreamSlots,
  addressOf: ClientAddress,
): StreamLimits => {
  const clientOf = ({ principal, origin }: Exchange & Authenticated): string =>
    principal.anonymous === true
      ? `address ${addressKey(addressOf(origin) ?? '')}`
      : `principal ${principal.id}`;
  return {
    ofClient: {
      slots: slots.client,
      keyOf: clientOf,
      max: perClient,
      refuse: () =>
        exhausted(
          'ERR_CLIENT_EXHAUSTED',
          'Too many requests of this client are under way: wait for one to end',
          {
            limit: 'streams.per_client',
            max: perClient,
          },
        ),
    },
    ofSession: {
      slots: slots.session,
      keyOf: ({ origin }) => origin.sessionId,
      max: perSession,
      refuse: () =>
        exhausted(
          'ERR_SESSION_EXHAUSTED',
          'Too many requests of this session are under way: wait for one to end',
          {
            limit: 'streams.per_session',
            max: perSession,
          },
        ),
    },
    ofServer: {
      slots: slots.server,
      keyOf: ({ target }) => target.server.settings.name,
      max: perServer,
      refuse: () =>
        exhausted('ERR_SERVER_EXHAUSTED', 'Too many calls to this server are under way: try again later', {
          limit: 'streams.per_server',
          max: perServer,
        }),
    },
    watchedOfClient: {
      slots: slots.watched,
      keyOf: clientOf,
      countOf: resourcesOf,
      max: resourcesPerClient,
      refuse: () =>
        exhausted(
          'ERR_SUBSCRIPTIONS_EXHAUSTED',
          'This client watches too many resources and tasks: let go of some',
          {
            limit: 'streams.resources_per_client',
            max: resourcesPerClient,
          },
        ),
    },
  };
};

/** How many resources and tasks a request wants to watch: those of a listen stream, or the one subscribed to. */
const resourcesOf = ({ message }: Exchange): number => {
  if (message.method !== listenMethod) return 1;
  const asked = message.params?.['notifications'];
  return isObject(asked) ? countIn(asked['resourceSubscriptions']) + countIn(asked['taskIds']) : 0;
};

const countIn = (names: unknown): number => (Array.isArray(names) ? new Set(names).size : 0);
