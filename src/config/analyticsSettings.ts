/** Where calls are kept to be asked about, and what asking may cost. */
export interface AnalyticsSettings {
  /** A folder of its own, absolute. */
  readonly path: string;
  /** How long a day's calls are kept, in days. */
  readonly retentionDays: number;
  /** What all files may take; the oldest days go first. */
  readonly maxBytes: number;
  readonly query: {
    readonly timeoutMs: number;
    /** Rows of one answer; what is exported may have a hundred times as many. */
    readonly maxRows: number;
    /** What all queries together may use. */
    readonly memoryBytes: number;
    readonly threads: number;
  };
}
