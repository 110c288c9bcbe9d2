import type { IssuerSettings, SignInSettings } from './authSettings.js';
import type { Secret } from './secret.js';

/** What somebody who looks after the gateway may do: look, or act as well. */
export type AdminRole = 'admin' | 'viewer';

/** The listener for those who look after the gateway: probes, metrics, the console. */
export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  /** Scheme, host and port as browsers see it; undefined where no proxy stands in front. */
  readonly publicOrigin?: string;
  readonly keys: readonly AdminKeySettings[];
  /** Undefined where nobody signs in with an account of theirs. */
  readonly oidc?: OidcSettings;
  /** How long a sign-in lasts at most, and unused. */
  readonly sessionTtlMs: number;
  readonly sessionIdleMs: number;
  /** Calls that are remembered to be looked at; 0 for none. */
  readonly recentCalls: number;
}

/** A key that lets in whoever has it. */
export interface AdminKeySettings {
  /** Whom audit and log call it. */
  readonly name: string;
  /** SHA-256 of the key, which itself is not kept. */
  readonly digest: Secret;
  readonly role: AdminRole;
  /** Whoever has the key sees this tenant's, and nothing else. */
  readonly tenant?: string;
}

/** Sign-in at an OpenID provider (OpenID Connect Core 1.0, 3.1). */
export interface OidcSettings {
  /** Its claims are names of claims in ID tokens, or paths to them. */
  readonly issuer: IssuerSettings;
  readonly client: SignInSettings;
  /** What the button says. */
  readonly name: string;
  /** Whether the claim of the tenant is read, and needed. */
  readonly hasTenants: boolean;
  /** Which values of the claim of roles need no tenant. */
  readonly allTenants: readonly string[];
  /** Which values of the claim make an admin, and a viewer; `*` for anybody whom the provider knows. */
  readonly roles: Readonly<Record<AdminRole, readonly string[]>>;
}
