/**
 * Calls until a target runs at the speed that it will keep: by their number and not by time alone, for V8 optimizes what was called often
 * (after 10,000 calls of a gateway some functions are still being compiled anew), and a slow machine would be measured half warm.
 *
 * @param run makes calls for `plan.warmUpMs`, gives how many
 */
export const warmUp = async (run, { warmUpMs, warmUpCalls, giveUpMs = warmUpMs * 8 }) => {
  const giveUpAt = performance.now() + giveUpMs;
  let calls = 0;
  do calls += await run(warmUpMs);
  while (calls < warmUpCalls && performance.now() < giveUpAt);
};
