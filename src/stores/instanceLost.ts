import { refusal, type GatewayError } from '../protocol/errors.js';

/** What becomes of something that an instance was at when it ended. @param what e.g. `call` */
export const instanceLost = (what: 'call' | 'task'): GatewayError =>
  refusal(
    'ERR_INSTANCE_LOST',
    what === 'call'
      ? 'The instance that ran this call has ended: whether the call was done is not known'
      : 'The instance that ran this task has ended: whether its call was done is not known',
  );
