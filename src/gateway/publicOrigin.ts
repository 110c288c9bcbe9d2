import type { Settings } from '../config/settings.js';
import { headerOf, type Headers } from '../protocol/classify.js';

/**
 * Scheme, host and port of the gateway as its clients see them: as configured; else as the audience of tokens says, where that is the
 * URL of the endpoint; else as the client itself says, in a `Host` that has been found allowed.
 */
export const publicOrigin = ({ listen, auth }: Settings): ((headers: Headers) => string) => {
  const configured = listen.publicOrigin ?? fromAudience(listen.path, auth);
  if (configured !== undefined) return () => configured;
  const scheme = listen.tls === undefined ? 'http' : 'https';
  return (headers) => `${scheme}://${(headerOf(headers, 'host') ?? '').toLowerCase()}`;
};

const fromAudience = (path: string, auth: Settings['auth']): string | undefined => {
  for (const { audiences = [] } of auth?.issuers ?? [])
    for (const audience of audiences) {
      const url = URL.canParse(audience) ? new URL(audience) : undefined;
      if (url?.pathname === path && url.origin !== 'null') return url.origin;
    }
  return undefined;
};
