/** A tool's result, as far as the matrix looks at it. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: {
    readonly progress: number;
    readonly message?: string | undefined;
  }) => void;
}

/** An official client, connected to the gateway, whichever its version and transport. */
export interface MatrixClient {
  /** Names of all tools, all pages. */
  tools(): Promise<readonly string[]>;
  /** URIs of all resources, all pages. */
  resources(): Promise<readonly string[]>;
  /** Calls a tool; rejects with the JSON-RPC error's `code`. */
  call(name: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<ToolAnswer>;
  /** What its user and its model have been asked so far. */
  readonly asked: readonly string[];
  /** Watches a resource, until the function it gives is called. */
  watch(uri: string, updated: (uri: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
