/** What the gateway holds of authorization servers for its upstream servers, and where that is kept. */
import type { Observable } from 'rxjs';

/** A token and what came with it. Secrets: never logged. */
export interface Grant {
  /** Who issued it; it is renewed there and nowhere else. */
  readonly issuer: string;
  /** What it is for, as it was asked for (RFC 8707); `''` where it was asked for nothing in particular. */
  readonly resource: string;
  /** What was asked for, not what was granted: asking for the same again is of no use. */
  readonly scopes: readonly string[];
  readonly accessToken: string;
  /** Epoch milliseconds; undefined when the authorization server did not say. */
  readonly expiresAt?: number;
  readonly refreshToken?: string;
}

/** The gateway as one authorization server knows it. */
export interface KnownClient {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** `token_endpoint_auth_method`, as registered. */
  readonly authMethod?: string;
  /** Where it was registered to be sent back to. */
  readonly redirectUri?: string;
  /** Epoch milliseconds at which the secret ends. */
  readonly expiresAt?: number;
}

/** All about one upstream server. Credentials belong to the issuer they came from (SEP-2352). */
export interface GrantRecord {
  readonly grant?: Grant;
  /** Clients registered by the gateway itself, by issuer. */
  readonly clients: Readonly<Record<string, KnownClient>>;
  /** The configured client, and the issuer that it was first used with. */
  readonly bound?: { readonly clientId: string; readonly issuer: string };
  /** Scopes that a call was refused for and that only a person can grant. */
  readonly wanted?: readonly string[];
  /** When a person agreed to the grant, in epoch milliseconds; renewals do not change it. Undefined where nobody was asked. */
  readonly given?: number;
}

/** Where they live, by upstream server. */
export interface GrantStore {
  /** Emits once. Errors with a `GatewayError` when what is stored can not be read. */
  read(key: string): Observable<GrantRecord | undefined>;
  /** Completes when it is stored. */
  write(key: string, record: GrantRecord): Observable<never>;
}

/** The key of an upstream server: a token is for one address and not for what the name stands for later. */
export const grantKey = (server: string, url: string): string => `${server} ${url}`;
