import type { Exchange, Resolved } from './exchange.js';

/** Whether a call can be made together with others: it is neither a round of one that has asked something, nor may it become a task. */
export const isPlainCall = ({ target, message }: Exchange & Resolved): boolean => {
  const { params, tasks } = target;
  return (
    message.id !== undefined &&
    tasks === undefined &&
    params['task'] === undefined &&
    params['inputResponses'] === undefined &&
    params['requestState'] === undefined
  );
};
