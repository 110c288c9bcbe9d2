import { catchError, isObservable, map, throwError } from 'rxjs';
import type { AuthMethod, AuthSettings } from '../../config/authSettings.js';
import { fromUnknown, refusal, type GatewayError } from '../../protocol/errors.js';
import { credentialOf } from '../../protocol/identity/credential.js';
import { grantsScopes } from '../../protocol/identity/grantsScopes.js';
import type { Principal } from '../../streams/exchange.js';
import type { Caller, Identify } from '../../streams/identify.js';
import { knownPrincipal } from '../../streams/knownPrincipal.js';
import type { Authenticator, Request } from './authenticator.js';
import { challenged } from './challenged.js';

export interface IdentificationOptions {
  readonly auth: AuthSettings;
  readonly methods: Readonly<Partial<Record<AuthMethod, Authenticator>>>;
  /** The URL of the route that a caller uses, and where it is described. */
  readonly routeOf: (caller: Caller) => Request['route'];
  /** Whether strangers may enter a route, because some server behind it wants nobody's name. */
  readonly isOpen: (namespace: string | undefined) => boolean;
  /** Stands for strangers. */
  readonly stranger: Principal;
}

/** Whoever started the program with pipes has its configuration, secrets and all: there is nobody to ask. */
const local = knownPrincipal({ id: 'local', method: 'none', user: 'local' });

/**
 * Finds out who calls, by the configured ways in their order: the first kind of credential that a request shows decides.
 *
 * > A credential that is not accepted is refused, whatever others the request shows, and so it is where strangers may enter.
 *
 * What is refused carries the challenge of RFC 6750 and RFC 9728.
 */
export const identification = (options: IdentificationOptions): Identify => {
  const { auth, methods, routeOf, isOpen, stranger } = options;
  const ways = auth.order.flatMap((name) => methods[name] ?? []);
  const { requiredScopes, impliedScopes, mtls } = auth;
  const byCertificate = mtls?.mode === 'required' ? methods.mtls : undefined;

  const enter = (principal: Principal): Principal => {
    if (requiredScopes.length === 0 || grantsScopes(principal.scopes, requiredScopes, impliedScopes))
      return principal;
    throw refusal('ERR_SCOPE_INSUFFICIENT', 'More scopes are needed', { data: { scopes: requiredScopes } });
  };

  const identify = (request: Request): ReturnType<Identify> => {
    // Not every connection without one ends in the handshake: a proxy's does not.
    if (byCertificate !== undefined && byCertificate(request) === undefined)
      throw refusal('ERR_UNAUTHENTICATED', 'A client certificate is needed here');
    for (const way of ways) {
      const found = way(request);
      if (found !== undefined) return isObservable(found) ? found.pipe(map(enter)) : enter(found);
    }
    const { credential, caller } = request;
    if (credential !== undefined)
      throw refusal('ERR_CREDENTIAL_INVALID', 'This kind of credential is not accepted');
    if (isOpen(caller.namespace)) return stranger;
    throw refusal('ERR_UNAUTHENTICATED', 'Say who you are: this endpoint is not for everybody');
  };

  return (caller) => {
    if (caller.transport === 'stdio' || caller.transport === 'in-process') return local;
    const route = routeOf(caller);
    let proving = false;
    const explained = (error: unknown): GatewayError =>
      challenged(fromUnknown(error), { route, auth, proving, scopes: requiredScopes });
    try {
      const credential = credentialOf(caller.headers);
      proving = credential?.scheme === 'dpop';
      const found = identify({ caller, credential, route });
      return isObservable(found)
        ? found.pipe(catchError((error: unknown) => throwError(() => explained(error))))
        : found;
    } catch (error) {
      throw explained(error);
    }
  };
};
