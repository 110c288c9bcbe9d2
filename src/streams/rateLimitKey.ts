import type { Meter } from './meteredAs.js';

/** What is counted by: a limit, what is metered, and whose it is. @param name of the limit */
export const rateLimitKey = (name: string, meter: Meter, whose: string): string =>
  `${name}\n${meter}\n${whose}`;
