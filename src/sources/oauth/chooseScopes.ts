import type { AuthorizationServer } from 'oauth4webapi';

export interface ScopeSources {
  /** As configured: then these and no others. */
  readonly configured: readonly string[] | undefined;
  /** Of the challenge. */
  readonly challenged: readonly string[] | undefined;
  /** Of the protected resource's metadata. */
  readonly supported: readonly string[] | undefined;
  /** What was asked for before and has to be kept. */
  readonly earlier: readonly string[];
  readonly issuer: Pick<AuthorizationServer, 'scopes_supported'>;
  /** Whether a refresh token is of use. */
  readonly refreshes: boolean;
}

/**
 * The scopes to ask for: those of the challenge, else all the resource knows, else none; with all that were asked for before (a
 * step up must not lose them), and `offline_access` where the authorization server knows it.
 */
export const chooseScopes = ({
  configured,
  challenged,
  supported,
  earlier,
  issuer,
  refreshes,
}: ScopeSources): readonly string[] => {
  if (configured !== undefined) return configured;
  const wanted = [...new Set([...earlier, ...(challenged ?? supported ?? [])])];
  const offline = refreshes && issuer.scopes_supported?.includes('offline_access') === true;
  return offline && !wanted.includes('offline_access') ? [...wanted, 'offline_access'] : wanted;
};
