import { createHash } from 'node:crypto';

/** Enough to tell sessions apart, of no use to whoever wants to go on with one. */
export const sessionDigest = (id: string | undefined): string | undefined =>
  id === undefined ? undefined : createHash('sha256').update(id).digest('base64url').slice(0, 22);
