import type { HashedKey } from '../protocol/identity/apiKey.js';
import type { NameKind } from '../protocol/identity/certificateName.js';
import type { ScopeRules } from '../protocol/identity/grantsScopes.js';
import type { Secret } from './secret.js';

/** How callers say who they are. Lists of names are globs where nothing else is said. */
export interface AuthSettings {
  /** Which kind of credential decides where a caller shows several. */
  readonly order: readonly AuthMethod[];
  /** Needed of every caller. */
  readonly requiredScopes: readonly string[];
  /** Told in the metadata of the resource, besides those that are needed. */
  readonly supportedScopes: readonly string[];
  readonly impliedScopes: ScopeRules;
  readonly issuers: readonly IssuerSettings[];
  /** Those of the issuers that clients can get tokens from by themselves. */
  readonly authorizationServers: readonly string[];
  /** Absolute path of the file of keys. */
  readonly apiKeysFile?: string;
  /** Undefined where keys are no way in. */
  readonly apiKeys?: readonly ApiKeySettings[];
  /** Whether a key may be typed into a page of the gateway. */
  readonly apiKeySignIn: boolean;
  readonly mtls?: MtlsSettings;
  /** Refused credentials a minute and address before new ones are not looked at; 0 for no limit. */
  readonly maxFailures: number;
}

export type AuthMethod = 'jwt' | 'api_keys' | 'mtls';

/** Whose tokens are accepted, and how they are checked and read. */
export interface IssuerSettings {
  /** Exactly as `iss` says it. */
  readonly issuer: string;
  /** What `aud` has to name one of; undefined for the URL of the route called. */
  readonly audiences?: readonly string[];
  readonly algorithms: readonly string[];
  /** Where its keys are; undefined to find it out from the issuer. */
  readonly jwksUri?: string;
  /** The one key of an issuer without metadata: a shared secret, or a public key in PEM. */
  readonly key?: Secret;
  readonly introspection?: IntrospectionSettings;
  /** Hosts that its documents may name although they are neither its own nor public https ones. */
  readonly allowedHosts: readonly string[];
  readonly skewMs: number;
  /** Names of claims, or paths to them. */
  readonly claims: {
    readonly user: string;
    readonly client?: string;
    readonly tenant: string;
    readonly roles: string;
    readonly scopes?: string;
  };
  /** Undefined where its persons can not sign in at a browser. */
  readonly signIn?: SignInSettings;
}

/** The gateway as a client of an issuer where persons sign in for its pages (OpenID Connect). */
export interface SignInSettings {
  readonly clientId: string;
  readonly clientSecret?: Secret;
  /** Asked for; only who it is if not given. */
  readonly scopes?: readonly string[];
}

/** RFC 7662. */
export interface IntrospectionSettings {
  /** `opaque`: only tokens that are no JWTs; `always`: JWTs too, so that revoked ones are found out. */
  readonly mode: 'opaque' | 'always';
  /** Undefined to find it out from the issuer. */
  readonly url?: string;
  /** How its opaque tokens begin; undefined where that is not known. */
  readonly tokenPrefix?: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** How long an answer is believed, and no longer than the token is valid. */
  readonly cacheMs: number;
}

/** One API key, as its file has it. */
export interface ApiKeySettings extends HashedKey {
  readonly user: string;
  readonly client?: string;
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  readonly namespaces?: readonly string[];
  readonly servers?: readonly string[];
  readonly tools?: readonly string[];
}

export interface MtlsSettings {
  /** Certificates in PEM. */
  readonly ca: string;
  /** Revocation lists in PEM. */
  readonly crl?: string;
  readonly mode: 'optional' | 'required';
  readonly names: readonly NameKind[];
  /** A proxy that has checked the certificate, and tells it in a header. */
  readonly proxy?: { readonly header: string; readonly addresses: readonly string[] };
  /** What is known of some of the callers, the first that fits. */
  readonly clients: readonly CertifiedClient[];
}

export interface CertifiedClient {
  /** Glob over the certificate's name. */
  readonly name: string;
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

/** Who may use a server. */
export interface ServerAccess {
  /** Whether callers have to say who they are; undefined for: where anybody can. */
  readonly authRequired?: boolean;
  /** Globs over clients; undefined for all. */
  readonly allowedClients?: readonly string[];
  readonly scopes: readonly string[];
}
