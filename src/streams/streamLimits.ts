import type { StreamSettings } from '../config/settings.js';
import type { GatewayError } from '../protocol/errors.js';
import { exhausted } from '../protocol/exhausted.js';
import type { Authenticated, Exchange, Resolved } from './exchange.js';
import { Slots } from './slots.js';

/** How many exchanges with the same key may be under way at a time. */
export interface StreamLimit<E extends Exchange> {
  /** Where they are counted. */
  readonly slots: Slots;
  /** Whose an exchange is; undefined for one that this limit has nothing to do with. */
  readonly keyOf: (exchange: E) => string | undefined;
  readonly max: number;
  readonly refuse: () => GatewayError;
}

export interface StreamLimits {
  readonly ofClient: StreamLimit<Exchange & Authenticated>;
  readonly ofSession: StreamLimit<Exchange>;
  readonly ofServer: StreamLimit<Exchange & Resolved>;
}

/** Where the streams of a gateway are counted; they outlive the configuration, as the calls do. */
export interface StreamSlots {
  readonly client: Slots;
  readonly session: Slots;
  readonly server: Slots;
}

export const streamSlots = (): StreamSlots => ({
  client: new Slots(),
  session: new Slots(),
  server: new Slots(),
});

/**
 * The limits on what is under way at a time, of a client, a session and a server.
 *
 * Clients that have not said who they are can be told apart by nothing but their address.
 */
export const streamLimits = (
  { perClient, perSession, perServer }: Pick<StreamSettings, 'perClient' | 'perSession' | 'perServer'>,
  slots: StreamSlots,
): StreamLimits => ({
  ofClient: {
    slots: slots.client,
    keyOf: ({ principal, origin }) =>
      principal.anonymous === true ? `address ${origin.address ?? ''}` : `principal ${principal.id}`,
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
});
