import { Unavailable } from './unavailable.js';

/** Says so once a service. */
const missed = new Set<string>();

/**
 * A service for a suite, to be used in `before`. Where it can't be had, CI fails; a developer's machine skips the suite and says so
 * in one line.
 */
export const serviceFor = async <T>(context: Mocha.Context, start: () => Promise<T>): Promise<T> => {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Unavailable) || process.env['CI'] === 'true') throw error;
    if (!missed.has(error.message)) console.error(`\n!!! SKIPPED: ${error.message.split('\n')[0]}\n`);
    missed.add(error.message);
    // The program of the service is not on this machine and can't be fetched: nothing of ours could fail here. In CI it is an error.
    return context.skip();
  }
};
