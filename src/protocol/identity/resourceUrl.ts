const wellKnown = '/.well-known/oauth-protected-resource';

/** A route as OAuth knows it (RFC 8707, RFC 9728). */
export interface ResourceUrl {
  /** What tokens for this route name as their audience. */
  readonly resource: string;
  /** Where its metadata is served. */
  readonly metadata: string;
}

/**
 * The resource behind a route, and where its metadata is: path inserted (RFC 9728, 3.1).
 *
 * @param origin scheme, host and port as clients see them
 * @param path of the endpoint
 * @param namespace undefined for the endpoint of all servers
 */
export const resourceUrl = (origin: string, path: string, namespace: string | undefined): ResourceUrl => {
  const full = namespace === undefined ? path : `${path}/${namespace}`;
  return { resource: origin + full, metadata: origin + wellKnown + full };
};

/** The path whose metadata is asked for: `''` for that at the root; undefined if it is not metadata that is asked for. */
export const metadataPath = (url: string): string | undefined => {
  const path = url.split('?', 1)[0] ?? '';
  if (path === wellKnown || path === `${wellKnown}/`) return '';
  return path.startsWith(`${wellKnown}/`) ? path.slice(wellKnown.length) : undefined;
};
