import { createHash } from 'node:crypto';

/** Stands in a recording for a text that only its maker can read: whatever the text lets somebody do, this does not. */
export const opaqueDigest = (text: string): string =>
  `~${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
