/** Ways to connect besides Streamable HTTP. */
export interface TransportSettings {
  readonly webSocket: { readonly enabled: boolean };
  /** HTTP+SSE of 2024-11-05. */
  readonly legacySse: { readonly enabled: boolean; readonly path: string; readonly messagesPath: string };
  /** Most requests in flight on one connection that carries many. */
  readonly maxCallsPerConnection: number;
}
