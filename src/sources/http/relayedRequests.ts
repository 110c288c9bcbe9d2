import type { IncomingMessage } from 'node:http';

const clients = new WeakMap<IncomingMessage, string | undefined>();

/** The requests that another instance of the gateway has relayed, provably: it has guarded them, and it knows their client. */
export const relayedRequests = {
  /** Takes one in, with the address of its client. */
  add: (request: IncomingMessage, client: string | undefined): void => void clients.set(request, client),
  has: (request: IncomingMessage): boolean => clients.has(request),
  /** The address of the client, whoever brought its request. */
  addressOf: (request: IncomingMessage): string | undefined =>
    clients.has(request) ? clients.get(request) : request.socket.remoteAddress,
};
