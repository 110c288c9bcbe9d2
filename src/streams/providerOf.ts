import type { ServerState } from './serverState.js';
import { templateOf } from './templateOf.js';
import type { View } from './view.js';

/**
 * The server that a resource is to be had from: by its URI, by a template that fits, or because no other has any resources. None
 * that does not let this caller have it.
 */
export const providerOf = (view: View, uri: string): ServerState | undefined => {
  const server = (view.resources.get(uri) ?? templateOf(view, uri))?.server ?? onlyProvider(view, uri);
  return server !== undefined && view.mayRead(server, uri) ? server : undefined;
};

/** URIs are kept for those who watch them, and stand in headers. */
const maxUnlisted = 4096;

/** A server may know resources that it does not list; where only one has resources at all, it is the one to ask. */
const onlyProvider = (view: View, uri: string): ServerState | undefined => {
  if (uri.length > maxUnlisted) return undefined;
  const providers = view.servers.filter(
    ({ offer, settings }) =>
      offer?.capabilities['resources'] !== undefined &&
      (settings.capabilities?.includes('resources') ?? true),
  );
  return providers.length === 1 ? providers[0] : undefined;
};
