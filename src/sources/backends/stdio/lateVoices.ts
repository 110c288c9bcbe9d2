/** How long a server may still speak of a call that was cancelled, in milliseconds. */
const spokenOfMs = 60_000;
/** Most cancelled calls remembered; the oldest is forgotten first. */
const maxRemembered = 1024;

/** The cancelled calls of which a server may still speak: what it asks names no call, and must not reach somebody else's client. */
export interface LateVoices {
  /** A call was cancelled. */
  cancelled(id: number, principalId: string): void;
  /** The server has answered it all the same: it will not speak of it again. */
  answered(id: number): void;
  /** Whether the server may still speak of a call of another principal. */
  mayBeOfOthers(principalId: string): boolean;
}

/** @param now the time in milliseconds */
export const lateVoices = (now: () => number = Date.now): LateVoices => {
  // In the order of their ends: all last equally long.
  const calls = new Map<number, { readonly principalId: string; readonly until: number }>();
  return {
    cancelled(id, principalId) {
      calls.set(id, { principalId, until: now() + spokenOfMs });
      const [oldest] = calls.keys();
      if (calls.size > maxRemembered && oldest !== undefined) calls.delete(oldest);
    },
    answered: (id) => void calls.delete(id),
    mayBeOfOthers(principalId) {
      const time = now();
      for (const [id, call] of calls) {
        if (call.until <= time) calls.delete(id);
        else if (call.principalId !== principalId) return true;
      }
      return false;
    },
  };
};
