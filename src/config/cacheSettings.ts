import type { ListMethod } from '../protocol/methods.js';

/** How answers to one method are remembered. */
export interface CacheRule {
  /** Never longer than the server itself says. */
  readonly ttlMs: number;
  /** Dotted paths of the params that make answers differ; undefined for all of them. */
  readonly vary?: readonly string[];
  /** Whom an answer is for whose server does not say. */
  readonly scope: 'private' | 'public';
  /** Globs; undefined for all servers. */
  readonly servers?: readonly string[];
}

/** Which tools may be answered from memory. */
export interface ToolCacheRule extends CacheRule {
  /** Globs over exposed and own names: the configuration's word that calling them twice is of no use. */
  readonly tools: readonly string[];
  /** Globs over names of servers whose annotations are believed. */
  readonly trusted: readonly string[];
  /** Which annotations count. */
  readonly hints: readonly ('read_only' | 'idempotent')[];
}

/** What is remembered of servers' answers. */
export interface CacheSettings {
  /** In the process, or where sessions are. */
  readonly store: 'memory' | 'shared';
  /** What all remembered answers may take. */
  readonly maxBytes: number;
  /** A larger answer is not remembered. */
  readonly maxAnswerBytes: number;
  readonly calls: {
    readonly 'resources/read'?: CacheRule;
    readonly 'prompts/get'?: CacheRule;
    readonly 'tools/call'?: ToolCacheRule;
  };
  /** How long a list is good for before servers are asked again, in milliseconds. */
  readonly lists: Readonly<Partial<Record<ListMethod, number>>>;
}
