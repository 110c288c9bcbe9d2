/** How a limit stands for a caller. */
export interface RateLimitState {
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
  readonly left: number;
  /** When it is worth asking again, or when all is there again. */
  readonly resetMs: number;
}

/**
 * The header fields that tell a caller of a limit, as draft-ietf-httpapi-ratelimit-headers-11 has them: a policy's quota `q` in a
 * window of `w` seconds, and what remains of it, `r`, with the seconds `t` until there is more. Both are lists: those of several
 * limits are put beside each other.
 */
export const rateLimitHeaders = ({
  name,
  max,
  windowMs,
  left,
  resetMs,
}: RateLimitState): Readonly<Record<string, string>> => {
  const policy = quoted(name);
  return {
    'ratelimit-policy': `${policy};q=${max};w=${seconds(windowMs)}`,
    ratelimit: `${policy};r=${left};t=${seconds(resetMs)}`,
  };
};

/** Whole seconds, never too few of them. @param ms milliseconds */
const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** A string of a structured field (RFC 9651, 3.3.3), which is ASCII. */
const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]/gu, '?').replace(/["\\]/g, '\\$&')}"`;
