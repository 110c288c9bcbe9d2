/** For whom a call is explained; what is not given is not known of them. */
export interface AskedCaller {
  readonly user?: string;
  readonly client?: string;
  readonly tenant?: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A call that is to be explained, and not made. */
export interface ExplainQuestion {
  readonly method: 'tools/call' | 'prompts/get' | 'resources/read';
  /** The exposed name of the tool or prompt, or the URI of the resource. */
  readonly name: string;
  /** Without them nobody looks at arguments. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
  /** Nobody who has said who he is, where nothing is given. */
  readonly as: AskedCaller;
}

/** The place in the configuration that is responsible. */
export interface ExplainedPlace {
  /** JSON Pointer (RFC 6901); of what is not written, where it would be. */
  readonly pointer: string;
  readonly file?: string;
  readonly line?: number;
}

/** What one operator of the pipeline would do. */
export interface ExplainedStep {
  readonly operator: string;
  readonly outcome: 'passes' | 'refuses' | 'changes' | 'not_reached';
  readonly detail: string;
  readonly configuration?: ExplainedPlace;
}

/** What would become of a call, operator by operator. */
export interface Explanation {
  readonly allowed: boolean;
  readonly steps: readonly ExplainedStep[];
  /** What the caller would be told of a refusal; `code` is what the log would say. */
  readonly answer?: { readonly code: string; readonly message: string };
}
