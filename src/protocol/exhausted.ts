import { refusal, type GatewayError, type GatewayErrorCode } from './errors.js';

export interface ExhaustedLimit {
  /** The setting that says how much there is, e.g. `streams.per_client`. */
  readonly limit: string;
  readonly max: number;
  /** When it is worth trying again, in seconds (1). */
  readonly retryAfter?: number;
  /** What else goes into `data`. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The refusal for whoever meets a limit: which one it was and how high, for people in the message, for programs in `data`.
 *
 * @param message what there is too much of and what to do; the limit is added
 */
export const exhausted = (
  code: GatewayErrorCode,
  message: string,
  { limit, max, retryAfter = 1, more, headers }: ExhaustedLimit,
): GatewayError =>
  refusal(code, `${message} (${limit}: ${max})`, {
    data: { limit, max, ...more },
    headers: { 'retry-after': String(retryAfter), ...headers },
  });
