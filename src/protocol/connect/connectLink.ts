/** Who has to open a page: a person who can show it. */
export type LinkOwner =
  /** By signing in where the caller's token is from (OpenID Connect). */
  | { readonly by: 'issuer'; readonly issuer: string; readonly subject: string }
  /** By the API key that the caller came with, where it is good for. */
  | { readonly by: 'key'; readonly namespace?: string | undefined };

/** What the URL stands for that a caller is given to authorize the gateway at a server: sealed in it, readable for the gateway only. */
export interface ConnectLink {
  readonly server: string;
  /** The instance that the token is for; undefined for a server that names no resource. */
  readonly url?: string | undefined;
  /** Where the grant is kept: by caller and server. */
  readonly key: string;
  readonly principalId: string;
  readonly owner: LinkOwner;
  /** The application that called, as its credential names it. */
  readonly clientId?: string | undefined;
  /** Scopes that a call was refused for; undefined where there was no grant at all. */
  readonly wanted?: readonly string[] | undefined;
}
