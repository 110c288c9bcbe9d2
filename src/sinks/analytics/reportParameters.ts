/** What a report is told; all of it may be left out. */
export interface ReportParameters {
  /** ISO 8601, or how long ago: `24h`, `7d`. Default: a day before `to`. */
  readonly from?: string | undefined;
  /** The same. Default: now. */
  readonly to?: string | undefined;
  readonly tool?: string | undefined;
  readonly server?: string | undefined;
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  /** Only calls of this tenant, for those who see several. */
  readonly of_tenant?: string | undefined;
  readonly outcome?: string | undefined;
  readonly limit?: number | undefined;
}
