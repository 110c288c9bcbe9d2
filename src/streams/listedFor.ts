import type { Principal } from './exchange.js';

/**
 * In whose list of tasks something stands: the principal's, or, for somebody who has not said who they are, the session's.
 *
 * @param sessionId undefined in revisions without sessions, which have no such list
 */
export const listedFor = ({ id, anonymous }: Principal, sessionId: string | undefined): string =>
  anonymous === true ? `${id} ${sessionId ?? ''}` : id;
