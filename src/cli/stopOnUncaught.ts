import type { Logger } from 'pino';
import { exitCodes } from './cliError.js';

/** After an exception that nobody caught, nothing is known of the state: say so and end. */
export const stopOnUncaught = (log: Logger): void => {
  const fatal = (kind: string) => (error: unknown) => {
    log.fatal({ event: kind, error }, 'Fatal: the gateway stops');
    log.flush(() => process.exit(exitCodes.failed));
    // A log that can not be written must not keep a broken gateway alive.
    setTimeout(() => process.exit(exitCodes.failed), 1000).unref();
  };
  process.on('uncaughtException', fatal('uncaught_exception'));
  process.on('unhandledRejection', fatal('unhandled_rejection'));
};
