/** What the admin API answers (`/api/v1`, docs/console.md): JSON, times as ISO texts, durations in milliseconds. */

/** Who is signed in, and as what. */
export interface Me {
  readonly user: string;
  readonly tenant?: string;
  readonly roles: readonly ('admin' | 'viewer')[];
  /** What every request that changes something carries as `x-csrf-token`. */
  readonly csrf: string;
  readonly method: 'key' | 'oidc';
  readonly version: string;
  readonly gateway?: string;
}

/** How one can sign in here. */
export interface SignInWays {
  readonly key: boolean;
  /** Name of the provider. */
  readonly oidc: string | null;
}

/** A second of traffic. */
export interface Point {
  readonly at: string;
  readonly calls: number;
  readonly errors: number;
  readonly p50_ms?: number;
  readonly p95_ms?: number;
  readonly p99_ms?: number;
}

/** The figures of now. */
export interface Scalars {
  readonly now: string;
  readonly uptime_s: number;
  readonly calls_per_s: number;
  readonly errors_per_s: number;
  readonly in_flight: number;
  readonly streams: number;
  readonly sessions: number;
  readonly p50_ms?: number;
  readonly p95_ms?: number;
  readonly p99_ms?: number;
  readonly event_loop_p99_ms?: number;
}

/** Something an operator should know. */
export interface Notice {
  readonly severity: string;
  readonly text: string;
  readonly remedy?: string;
}

export interface Overview extends Scalars {
  readonly history: readonly Point[];
  readonly outcomes: Readonly<Record<string, number>>;
  readonly top_tools: readonly { readonly tool: string; readonly calls: number; readonly errors: number }[];
  readonly notices: readonly Notice[];
}

export type ServerStatus = 'up' | 'degraded' | 'down' | 'starting';

export interface InstanceState {
  readonly id: string;
  readonly status: string;
  readonly health: 'passing' | 'failing' | 'unknown';
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly latency_ms?: number;
  readonly calls_in_flight: number;
  readonly last_error?: string;
}

export interface ServerState {
  readonly name: string;
  readonly kind: string;
  readonly source: string;
  readonly status: ServerStatus;
  readonly era?: string;
  readonly tools: number;
  readonly resources: number;
  readonly prompts: number;
  readonly error?: string;
  readonly notices: readonly (string | Notice)[];
  readonly calls_in_flight: number;
  readonly instances: readonly InstanceState[];
}

/** A step of the pipeline, and what came by it since the start. */
export interface PipelineNode {
  readonly name: string;
  readonly why: string;
  readonly entered: number;
  readonly refused: number;
  readonly per_s: number;
  readonly refused_per_s: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly p50_us?: number;
}

export interface Pipelines {
  readonly pipelines: readonly { readonly name: string; readonly nodes: readonly PipelineNode[] }[];
}

export interface CallSummary {
  readonly id: string;
  readonly time: string;
  readonly user?: string;
  readonly client?: string;
  readonly tenant?: string;
  readonly address?: string;
  readonly method: string;
  readonly tool?: string;
  readonly server?: string;
  readonly instance?: string;
  readonly outcome: string;
  readonly error?: string;
  readonly duration_ms: number;
  readonly attempts?: number;
  readonly trace_id?: string;
}

/** Everything that is known of one call. */
export interface CallDetail extends CallSummary {
  readonly stages?: readonly {
    readonly name: string;
    readonly start_ms: number;
    readonly duration_ms: number;
  }[];
  readonly tried?: readonly {
    readonly instance: string;
    readonly kind?: string;
    readonly started_ms: number;
    readonly duration_ms: number;
    readonly outcome: string;
    readonly error?: string;
  }[];
  readonly decision?: unknown;
  readonly reason?: string;
  readonly arguments?: unknown;
  readonly bytes_in?: number;
  readonly bytes_out?: number;
  readonly namespace?: string;
  readonly transport?: string;
  readonly revision?: string;
  readonly session?: string;
  readonly roles?: readonly string[];
}

export interface CallPage {
  readonly calls: readonly CallSummary[];
  readonly next_cursor?: string;
  readonly source: 'memory' | 'analytics';
  readonly oldest?: string;
}

export interface CallGroups {
  readonly groups: readonly {
    readonly key: string | null;
    readonly calls: number;
    readonly errors: number;
    readonly first: string;
    readonly last: string;
    readonly p95_ms?: number;
  }[];
}

export interface ToolRow {
  readonly name: string;
  readonly title?: string;
  readonly server: string;
  readonly description?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly calls: number;
  readonly errors: number;
  readonly p50_ms?: number;
  readonly held_back?: boolean | string;
}

export interface ToolPage {
  readonly tools: readonly ToolRow[];
  readonly total: number;
  readonly next_cursor?: string;
}

export interface ToolDetail {
  readonly definition: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly server: string;
  readonly who: {
    readonly tenants: readonly string[] | 'all';
    readonly clients: readonly string[] | 'all';
    readonly scopes: readonly string[];
    readonly policies: readonly string[];
    readonly notes: readonly string[];
  };
  readonly recent: readonly CallSummary[];
}

/** What came of a call that was tried from the console. */
export interface Tried {
  readonly result?: unknown;
  readonly error?: { readonly code?: string | number; readonly message: string };
  readonly call_id?: string;
  readonly duration_ms: number;
}

export interface SessionPage {
  readonly sessions: readonly {
    readonly digest: string;
    readonly user?: string;
    readonly client?: string;
    readonly client_name?: string;
    readonly revision?: string;
    readonly transport?: string;
    readonly opened: string;
    readonly last_seen: string;
    readonly calls: number;
    readonly streams: number;
  }[];
  readonly total: number;
  readonly next_cursor?: string;
}

export interface LimitState {
  readonly limit: string;
  readonly by: string;
  readonly max?: number;
  readonly window_s?: number;
  readonly remaining?: number;
  readonly resets?: string;
}

export interface Tenants {
  readonly tenants: readonly {
    readonly name: string;
    readonly isolation?: string;
    readonly users?: number;
    readonly calls: number;
    readonly errors: number;
    readonly limits: readonly LimitState[];
    readonly servers: readonly string[];
  }[];
  readonly limits: readonly LimitState[];
}

export interface Policies {
  readonly policies: readonly {
    readonly name: string;
    readonly kind: string;
    readonly source?: string;
    readonly revision?: string;
    readonly status: string;
    /** Why it is not what it should be. */
    readonly reason?: string;
    readonly decisions?: { readonly allowed: number; readonly denied: number };
    /** Of one that is tried out: it decides nothing. */
    readonly shadow?: { readonly would_deny: number };
  }[];
}

/** What would become of a call: every operator in order. */
export interface Explanation {
  readonly allowed: boolean;
  readonly steps: readonly {
    readonly operator: string;
    readonly outcome: 'passes' | 'refuses' | 'changes' | 'not_reached';
    readonly detail: string;
    readonly configuration?: { readonly pointer: string; readonly file?: string; readonly line?: number };
  }[];
  readonly answer?: { readonly code: string | number; readonly message: string };
}

export interface Configuration {
  readonly text?: string;
  readonly effective: unknown;
  readonly files: readonly string[];
  readonly changed_at?: string;
  readonly notes: readonly (string | Notice)[];
  readonly restart_needed: readonly string[];
}

export interface Findings {
  readonly ok: boolean;
  readonly findings: readonly {
    readonly severity: string;
    readonly pointer?: string;
    readonly line?: number;
    readonly column?: number;
    readonly message: string;
    readonly remedy?: string;
  }[];
}
