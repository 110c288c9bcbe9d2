/** Why a request to the admin API is refused: code → HTTP status. */
const statuses = {
  ERR_INVALID_REQUEST: 400,
  ERR_UNAUTHENTICATED: 401,
  ERR_CREDENTIAL_INVALID: 401,
  ERR_FORBIDDEN: 403,
  ERR_CSRF: 403,
  ERR_ORIGIN_FORBIDDEN: 403,
  ERR_NOT_FOUND: 404,
  ERR_METHOD_NOT_ALLOWED: 405,
  ERR_BODY_TOO_LARGE: 413,
  ERR_MEDIA_TYPE: 415,
  ERR_CREDENTIALS_THROTTLED: 429,
  ERR_TOO_MANY: 429,
  ERR_INTERNAL: 500,
  ERR_NOT_AVAILABLE: 501,
  ERR_NOT_CONFIGURED: 503,
  ERR_STARTING: 503,
} as const;

export type ApiErrorCode = keyof typeof statuses;

/** A refusal by the admin API. Its message says what is wrong and the remedy, and is shown to whoever asked. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  /** What the answer says besides the error. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    code: ApiErrorCode,
    message: string,
    { headers = {}, more = {} }: Partial<Pick<ApiError, 'headers' | 'more'>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.headers = headers;
    this.more = more;
  }

  get status(): number {
    return statuses[this.code];
  }
}
