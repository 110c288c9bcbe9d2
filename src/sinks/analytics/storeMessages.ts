/** What the gateway and the process that keeps the calls tell each other. Plain data: it crosses processes. */
import type { AnalyticsErrorCode } from './analyticsError.js';
import type { ExportFormat, Question, Rows } from './analytics.js';

/** What the store is opened with. */
export interface StoreOptions {
  /** Absolute. */
  readonly path: string;
  /** Reads what is there and writes nothing: for one who asks while no gateway runs. */
  readonly isReadOnly: boolean;
  readonly retentionDays: number;
  readonly maxBytes: number;
  readonly memoryBytes: number;
  readonly threads: number;
  readonly spillBytes: number;
  /** How long another process may take to leave the folder. */
  readonly waitMs: number;
}

/** A question with its bounds. */
export interface Asked {
  readonly question: Question;
  readonly tenant: string | undefined;
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Undefined for an answer in rows. */
  readonly format: ExportFormat | undefined;
}

/** An answer that was written to a file. */
export interface ExportedFile {
  readonly path: string;
  readonly rows: number;
  readonly truncated: boolean;
}

export type ToStore =
  | { readonly open: StoreOptions }
  /** A JSON array of records. `again`: a store that ended before it said so may have them already. */
  | { readonly append: string; readonly firstId: string; readonly again: boolean }
  | { readonly ask: Asked; readonly id: number }
  | { readonly close: true };

/** Something that those who look after the gateway should know. */
export interface StoreNotice {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

export type FromStore =
  | { readonly opened: true; readonly bytes: number }
  | { readonly refused: StoreFailure }
  /** How many of the batch were stored; the others were before, or can never be. */
  | { readonly appended: number; readonly bytes: number }
  /** The batch is to be told once more, to the next process: this one ends. */
  | { readonly appendFailed: string }
  | { readonly id: number; readonly rows: Rows }
  | { readonly id: number; readonly file: ExportedFile }
  | { readonly id: number; readonly failed: StoreFailure }
  | { readonly notice: StoreNotice };

export interface StoreFailure {
  readonly code: AnalyticsErrorCode;
  readonly message: string;
}
