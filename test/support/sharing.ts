/** One of several gateways that share their sessions. */
export interface SharingGateway {
  readonly port: number;
  readonly adminUrl: string;
  /** Ends it; the others find it gone when this is done. */
  vanish(): Promise<void>;
  /** Lets it leave in order: what is under way may finish. */
  leave(): Promise<void>;
}

/** Gateways that share their sessions, each as its own instance: requests are relayed between them over real sockets. */
export interface Sharing {
  /** Starts one more. */
  add(): Promise<SharingGateway>;
  close(): Promise<void>;
}

/** @param servers the YAML below `servers:`, indented by two spaces */
export type StartSharing = (servers: string) => Promise<Sharing>;

/** The secret that all share, as a section of their configurations. */
export const sharedState = 'state: { keys: [c2hhcmVkLXNlY3JldC1vZi10aGUtdGVzdC1nYXRld2F5cy0h] }';
