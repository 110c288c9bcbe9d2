import type { Origin, Principal } from './exchange.js';
import type { Prompt } from './sessions.js';

/** What is known of whoever sends something before it is known who that is. */
export type Caller = Pick<
  Origin,
  'transport' | 'namespace' | 'headers' | 'address' | 'certificate' | 'request'
>;

/** Finds out who calls: at once where that is known already. Throws or errors for who is not let in. */
export type Identify = (caller: Caller) => Prompt<Principal>;
