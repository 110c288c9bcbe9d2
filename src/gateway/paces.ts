/** Times of the gateway that nobody sets, in milliseconds. */
export const paces = {
  /** Waits between attempts at a server that does not answer. */
  backoff: { firstMs: 250, maxMs: 5000 },
  /** A list asked for again within this time is not fetched again, whatever its server says of its freshness. */
  listAgeMs: 1000,
  /** Pace of what clients are told of changes; see `ListenOptions`. */
  changes: { settleMs: 2000, everyMs: 200 },
  /** How long the last bytes of the last answers may take to leave. */
  flushMs: 1000,
} as const;
