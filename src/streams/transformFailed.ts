import { refusal, type GatewayError } from '../protocol/errors.js';

/**
 * A rule under `transform` failed. Its client is told no more than that.
 *
 * @param why for the log: where the rule stands, and nothing of what it was about
 */
export const transformFailed = (why: string): GatewayError =>
  refusal(
    'ERR_TRANSFORM_FAILED',
    'A rule of this gateway for what passes through it failed: tell its operator',
    {
      cause: new Error(why),
    },
  );
