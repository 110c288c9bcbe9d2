import type { Logger } from 'pino';

/** Resolves when the last line of a log has been written. */
export const flushed = (log: Logger): Promise<void> => new Promise((resolve) => log.flush(() => resolve()));
