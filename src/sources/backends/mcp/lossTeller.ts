/** Pause before a loss is told: doubled each time a session was short, up to the longest, in milliseconds. */
const firstPauseMs = 250;
const longestPauseMs = 60_000;
/** A session that lasted this long was not in vain, in milliseconds. */
const steadyMs = 30_000;

/** Tells of lost sessions. */
export interface LossTeller {
  /** A session has begun. */
  opened(): void;
  /** It is lost: told at once, but after several short ones in a row with growing pauses. */
  lost(): void;
  /** Tells of nothing any more. */
  stop(): void;
}

/**
 * What is told makes the gateway ask a server anew, in a new session: of one that forgets each session at once it must not be told
 * at once each time.
 *
 * @param tell told of a loss; losses during a pause are told together
 */
export const lossTeller = (tell: () => void): LossTeller => {
  let openedAt = 0;
  let pauseMs = 0;
  let telling: NodeJS.Timeout | undefined;
  return {
    opened: () => void (openedAt = Date.now()),
    lost() {
      if (telling !== undefined) return;
      if (Date.now() - openedAt >= steadyMs) pauseMs = 0;
      const wait = pauseMs;
      pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2));
      if (wait === 0) return void tell();
      telling = setTimeout(() => {
        telling = undefined;
        tell();
      }, wait);
      telling.unref();
    },
    stop() {
      clearTimeout(telling);
      telling = undefined;
    },
  };
};
