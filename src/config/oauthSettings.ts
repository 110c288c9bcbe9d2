/** The gateway as a client of authorization servers, as the program sees it; see settings.ts. */

/** The gateway as a client of one authorization server. What is not given is found out. */
export interface OAuthClientSettings {
  /** The authorization server to use; undefined for the one the server names. */
  readonly issuer?: string;
  /** A client registered beforehand. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** PKCS#8 in PEM, to prove the client's identity by signatures. */
  readonly privateKey?: string;
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod;
}

/** How the gateway gets tokens for a server. */
export interface OAuthSettings extends OAuthClientSettings {
  /**
   * Whose tokens: the gateway's, by a person who agreed once or as a client of its own; or each caller's, who agrees at a browser
   * (`per_user`), or by exchange of the token it came with (RFC 8693), the last one by way of another authorization server (ID-JAG).
   */
  readonly grant: 'authorization_code' | 'per_user' | 'client_credentials' | 'token_exchange' | 'id_jag';
  /** What a token is asked for with (RFC 8693, RFC 8707); for grants without a person. */
  readonly audience?: string;
  readonly resource?: string;
  /** What kind of token callers come with, as RFC 8693 names it, a URN; an access token if not given. */
  readonly subjectTokenType?: string;
  /** Who callers log in at and who vouches for them, with `id_jag`. */
  readonly idp?: OAuthClientSettings & { readonly issuer: string };
  /** URL of a client ID metadata document (CIMD). */
  readonly clientMetadataUrl?: string;
  /** These scopes and no others; undefined for those the server asks for. */
  readonly scopes?: readonly string[];
  /** Where a browser comes back to, on loopback; undefined for any free port. */
  readonly redirectUri?: string;
  /** Hosts that documents of others may name although they are no public https ones. */
  readonly allowedHosts: readonly string[];
}

export type TokenEndpointAuthMethod =
  'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
