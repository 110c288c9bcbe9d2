/** A request over HTTP and its response, as a browser or an inspector has noted them. */
export interface WebExchange {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** 0 or undefined for one without a response. */
  readonly status: number | undefined;
  readonly answeredHeaders: Readonly<Record<string, string>>;
  readonly answer: string | undefined;
}
