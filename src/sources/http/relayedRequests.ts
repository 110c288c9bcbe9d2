import type { IncomingMessage } from 'node:http';
import type { RelayedClient } from '../../protocol/relayStamp.js';
import { certificateOf } from './certificateOf.js';

const clients = new WeakMap<IncomingMessage, RelayedClient>();

/** The requests that another instance of the gateway has relayed, provably: it has guarded them, and it knows their client. */
export const relayedRequests = {
  /** Takes one in, with its client. */
  add: (request: IncomingMessage, client: RelayedClient): void => void clients.set(request, client),
  has: (request: IncomingMessage): boolean => clients.has(request),
  /** The client, whoever brought its request. */
  clientOf: (request: IncomingMessage): RelayedClient =>
    clients.get(request) ?? {
      address: request.socket.remoteAddress,
      certificate: certificateOf(request.socket),
    },
};
