/** Why a question was not answered, or analytics can't be had at all. */
export type AnalyticsErrorCode =
  /** Not one SELECT over `calls`, or a parameter that is none. */
  | 'ERR_QUERY_INVALID'
  | 'ERR_QUERY_TIMEOUT'
  /** It needs more memory than there is. */
  | 'ERR_QUERY_TOO_LARGE'
  | 'ERR_REPORT_UNKNOWN'
  /** Too many questions at once. */
  | 'ERR_ANALYTICS_BUSY'
  /** Its process is started anew, or it has been closed. */
  | 'ERR_ANALYTICS_AWAY'
  /** Another process has the folder. */
  | 'ERR_ANALYTICS_IN_USE'
  /** DuckDB can't be loaded, or the folder can't be used. */
  | 'ERR_ANALYTICS_UNAVAILABLE';

/** An expected failure of analytics; its message says what is wrong and may be shown to who asked. */
export class AnalyticsError extends Error {
  readonly code: AnalyticsErrorCode;

  constructor(code: AnalyticsErrorCode, message: string) {
    super(message);
    this.name = 'AnalyticsError';
    this.code = code;
  }
}
