/** How many tasks are remembered; the oldest are forgotten beyond it. */
const maxTasks = 10_000;
/** Longest time that a task keeps its session, in milliseconds. */
const longestMs = 60 * 60_000;

/**
 * Which session each task lives in: a server of 2025-11-25 may know a task in no other, and forgets it when that session ends.
 */
export class TaskHomes {
  readonly #homes = new Map<string, { readonly key: string; readonly until: number }>();

  /** Takes note of a new task. `ttlMs` is how long its server keeps it, null for as long as it likes. */
  remember(principalId: string, taskId: string, key: string, ttlMs: number | null): void {
    const name = `${principalId} ${taskId}`;
    const [oldest] = this.#homes.keys();
    if (oldest !== undefined && this.#homes.size >= maxTasks) this.#homes.delete(oldest);
    this.#homes.set(name, { key, until: Date.now() + Math.min(ttlMs ?? longestMs, longestMs) });
  }

  /** The session of a principal's task; undefined if it is not known. Sessions may number their tasks alike. */
  homeOf(principalId: string, taskId: unknown): string | undefined {
    return typeof taskId === 'string' ? this.#homes.get(`${principalId} ${taskId}`)?.key : undefined;
  }

  /** Until when a session is to be kept for the sake of its tasks, in epoch milliseconds; 0 if it has none. */
  keptUntil(key: string): number {
    const now = Date.now();
    let latest = 0;
    for (const [name, home] of this.#homes) {
      if (home.until <= now) this.#homes.delete(name);
      else if (home.key === key) latest = Math.max(latest, home.until);
    }
    return latest;
  }
}
