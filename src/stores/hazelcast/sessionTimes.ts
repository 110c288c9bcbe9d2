/**
 * How long members keep the record of a session, and how long it is used before it is renewed there, all in milliseconds.
 *
 * @param ttlMs how long a session lives unused
 */
export const sessionTimes = (ttlMs: number): { readonly keptMs: number; readonly renewMs: number } => {
  const renewMs = Math.min(Math.max(ttlMs / 10, 1000), 30_000);
  // Members count in whole seconds.
  return { keptMs: Math.ceil((ttlMs + renewMs) / 1000) * 1000 + 1000, renewMs };
};
