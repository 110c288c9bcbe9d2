import type { Caller } from './caller.js';
import { holderOf } from './holderOf.js';

/** Names a caller with what its credential is good for: what is had by a token of few scopes is not that of many. */
export const callerIdentity = ({ principal }: Pick<Caller, 'principal'>): string => {
  const { clientId = null, scopes } = principal;
  return JSON.stringify([...holderOf(principal), clientId, ...[...scopes].sort()]);
};
