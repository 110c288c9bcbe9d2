/** A tool as a registration or a manifest describes it; undefined for what it does not say. */
export interface ToolDraft {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
  /** HTTP method, upper case. */
  readonly method?: string | undefined;
  /** Path template beneath the service's base URL. */
  readonly path?: string | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly streaming?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  /** Base64. */
  readonly signature?: string | undefined;
  readonly keyId?: string | undefined;
  /** What is said of it and not done, although it is offered. */
  readonly ignored?: string | undefined;
  /** Why it can't be offered. */
  readonly fault?: string | undefined;
}
