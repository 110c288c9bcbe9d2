import type { Reply } from './reply.js';

/**
 * Whether a reply is between a server and the one caller who gets it: it asks for something (by a request, by a result that wants a
 * retry, by an error that wants a page opened), or is a task to be asked for.
 */
export const isPersonal = (reply: Reply): boolean => {
  if (reply.kind === 'ask') return true;
  if (reply.kind === 'error') return reply.error.code === urlElicitationRequired;
  if (reply.kind !== 'result') return false;
  const { resultType } = reply.result;
  return resultType === 'input_required' || resultType === 'task';
};

/** 2025-11-25: client/elicitation, URL mode. */
const urlElicitationRequired = -32042;
