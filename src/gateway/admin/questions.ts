/** What a gateway can be asked about itself. Plain data both ways: with several workers, question and answer cross processes. */
import type { ExplainQuestion, Explanation } from '../../protocol/explain/explanation.js';
import type { ConsoleRecord } from '../../protocol/audit/auditRecord.js';
import type { ToolDefinition } from '../../protocol/mcp.js';

/** Whose a question is: what does not belong to the tenant is not in the answer. */
export interface Scope {
  /** Undefined for somebody who sees all. */
  readonly tenant: string | undefined;
}

export interface InstanceRow {
  readonly id: string;
  readonly status: 'up' | 'degraded' | 'down';
  readonly health: 'passing' | 'failing' | 'unknown';
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly latency_ms?: number;
  readonly calls_in_flight: number;
  readonly last_error?: string;
}

export interface ServerRow {
  readonly name: string;
  readonly kind: 'rest' | 'mcp';
  readonly source: 'file' | 'consul';
  readonly status: 'up' | 'degraded' | 'down' | 'starting';
  readonly era?: string;
  readonly tools: number;
  readonly resources: number;
  readonly prompts: number;
  readonly error?: string;
  readonly notices: readonly string[];
  readonly calls_in_flight: number;
  readonly instances: readonly InstanceRow[];
}

/** What one process is at. */
export interface Load {
  readonly in_flight: number;
  readonly streams: number;
  readonly sessions: number;
  /** Undefined for somebody of a tenant: it tells of the others. */
  readonly event_loop_p99_ms?: number;
  /** What an operator has to see to; undefined for somebody of a tenant. */
  readonly notices?: readonly string[];
}

export interface ToolsQuestion extends Scope {
  readonly search: string;
  readonly server: string | undefined;
  /** The name after which to go on; `''` from the beginning. */
  readonly after: string;
  readonly limit: number;
}

export interface ToolListed {
  readonly name: string;
  readonly title?: string;
  readonly server: string;
  /** Its first line. */
  readonly description?: string;
  readonly annotations?: unknown;
  /** Why nobody sees it, where that is so. */
  readonly held_back?: string;
}

export interface ToolsPage {
  readonly tools: readonly ToolListed[];
  readonly total: number;
  /** Whether more follow. */
  readonly more: boolean;
}

export interface ToolTold {
  readonly definition: ToolDefinition;
  readonly server: string;
  readonly who: {
    readonly tenants: readonly string[] | 'all';
    readonly clients: readonly string[] | 'all';
    readonly scopes: readonly string[];
    readonly policies: readonly string[];
    readonly notes: readonly string[];
  };
}

export interface TryQuestion {
  /** Who tries it. */
  readonly user: string;
  readonly tenant: string | undefined;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly namespace: string | undefined;
  /** By which it can be cancelled; nobody else's. */
  readonly ticket: string;
}

/** What came of a tried call. */
export interface Tried {
  readonly result?: unknown;
  /** `code`: one of the gateway's words, or what the server said. */
  readonly error?: { readonly code: string | number; readonly message: string };
  readonly call_id: string;
  readonly duration_ms: number;
}

export interface SessionRow {
  readonly digest: string;
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  readonly client_name?: string | undefined;
  readonly revision: string;
  readonly transport: string;
  readonly opened: string;
  readonly last_seen: string;
  readonly calls: number;
  readonly streams: number;
}

/** How a limit stands; of those that each caller has for itself only that there is one. */
export interface LimitRow {
  readonly limit: string;
  readonly by: string;
  readonly max: number;
  readonly window_s: number;
  readonly remaining?: number;
  readonly resets?: string;
}

export interface TenantRow {
  readonly name: string;
  readonly isolation: 'dedicated' | 'shared';
  readonly servers: readonly string[];
  readonly limits: readonly LimitRow[];
}

export interface TenantsTold {
  readonly tenants: readonly TenantRow[];
  /** Those that hold for all. */
  readonly limits: readonly LimitRow[];
}

export interface PolicyRow {
  readonly name: string;
  readonly kind: 'access' | 'opa' | 'service';
  readonly source: string;
  readonly revision?: string | undefined;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly decisions?: { readonly allowed: number; readonly denied: number };
  /** Of the one that is tried out: it decides nothing. */
  readonly shadow?: { readonly would_deny: number };
}

/** Question and answer, by what is asked for. */
export interface Questions {
  /** Writes something into the audit trail. */
  readonly note: { readonly ask: ConsoleRecord; readonly gives: unknown };
  readonly servers: { readonly ask: Scope; readonly gives: readonly ServerRow[] };
  readonly load: { readonly ask: Scope; readonly gives: Load };
  readonly tools: { readonly ask: ToolsQuestion; readonly gives: ToolsPage };
  readonly explain: { readonly ask: ExplainQuestion; readonly gives: Explanation };
  /** Undefined for a tool that is not there for whoever asks. */
  readonly tool: { readonly ask: Scope & { readonly name: string }; readonly gives: ToolTold | undefined };
  readonly call: { readonly ask: TryQuestion; readonly gives: Tried };
  /** Cancels a tried call that is under way; of one that is not, nothing. */
  readonly cancel: { readonly ask: Pick<TryQuestion, 'ticket'>; readonly gives: undefined };
  readonly sessions: { readonly ask: Scope; readonly gives: readonly SessionRow[] };
  /** True for the process that knew the session. */
  readonly endSession: { readonly ask: Scope & { readonly digest: string }; readonly gives: boolean };
  readonly tenants: { readonly ask: Scope; readonly gives: TenantsTold };
  readonly policies: { readonly ask: Scope; readonly gives: readonly PolicyRow[] };
}

/** A gateway, as it answers. May throw an `ApiError`. */
export type Inside = {
  readonly [K in keyof Questions]: (
    ask: Questions[K]['ask'],
  ) => Questions[K]['gives'] | Promise<Questions[K]['gives']>;
};

/** Where questions go: to the gateway of this process, or to the workers. */
export interface Insiders {
  /** Any one of them answers. Rejects with an `ApiError`. */
  one<K extends keyof Questions>(of: K, ask: Questions[K]['ask']): Promise<Questions[K]['gives']>;
  /** All of them do; one that does not answer in time is left out. */
  all<K extends keyof Questions>(of: K, ask: Questions[K]['ask']): Promise<readonly Questions[K]['gives'][]>;
}
