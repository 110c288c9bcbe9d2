import { constant } from '../streams/latest.js';
import type { Instance, Instances } from '../streams/serverState.js';

/** Instances that stay as they are until they are closed. */
export const steadyInstances = (
  list: readonly Instance[],
  server = 'server',
): Instances & { close(graceMs: number): Promise<void> } => ({
  ...constant(list),
  server,
  stale: undefined,
  async close(graceMs) {
    await Promise.all(list.map(({ backend }) => backend.close(graceMs)));
  },
});
