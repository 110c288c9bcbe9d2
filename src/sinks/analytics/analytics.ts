import type { Readable } from 'node:stream';
import type { ReportParameters } from './reportParameters.js';
import type { Report } from './reports.js';

/** A value in an answer: times are ISO 8601, in UTC. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [name: string]: Cell };

/** What a question was answered with. */
export interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Cell[])[];
  /** Whether there were more than may be told. */
  readonly truncated: boolean;
}

export type ExportFormat = 'csv' | 'json' | 'parquet';

/** An answer as a file. It is gone once it was read or destroyed. */
export interface Exported {
  readonly content: Readable;
  readonly bytes: number;
  readonly rows: number;
  readonly truncated: boolean;
}

/** Whose calls a question is about. */
export interface Viewpoint {
  /** Sees this tenant's calls as if there were no others; undefined for who sees all. */
  readonly tenant?: string | undefined;
  /** Who asks: what one of no tenant asks takes turns with what the others ask. */
  readonly user?: string | undefined;
}

/** Something to ask: one SELECT over the table `calls`, or one of the reports. */
export type Question =
  { readonly sql: string } | { readonly report: string; readonly parameters?: ReportParameters | undefined };

/** How it stands. */
export interface AnalyticsState {
  /** `away` while its process is started anew: records wait, questions are refused. */
  readonly status: 'ready' | 'away' | 'closed';
  /** Records that wait to be written. */
  readonly pending: number;
  /** Records that found no room, or could not be stored. */
  readonly dropped: number;
  readonly stored: number;
  /** How many times its process had to be started anew. */
  readonly restarts: number;
  /** What its files take. */
  readonly bytes: number;
}

/** The calls of the past, as a table. All methods reject with an {@link AnalyticsError}. */
export interface Analytics {
  readonly reports: readonly Report[];
  readonly state: AnalyticsState;
  ask(question: Question, viewpoint?: Viewpoint): Promise<Rows>;
  export(question: Question, format: ExportFormat, viewpoint?: Viewpoint): Promise<Exported>;
  /** Resolves when all records that were taken are on disk, or can't get there. */
  close(): Promise<void>;
}
