import type { GatewayError, GatewayErrorCode } from './errors.js';
import { loggedName } from './loggedName.js';

/** Errors that repeat names a client has made up, behind a colon. */
const quoting: ReadonlySet<GatewayErrorCode> = new Set([
  'ERR_ARGUMENTS_INVALID',
  'ERR_TOOL_UNKNOWN',
  'ERR_PROMPT_UNKNOWN',
  'ERR_HIDDEN',
  'ERR_HELD_BACK',
  'ERR_METHOD_UNKNOWN',
]);
const longest = 500;

/**
 * Why a call has failed, for log and audit. The client is told its own words; here of them stand only those that can be names, because it
 * may have put anything in a name. Of a rule under `transform` it is the place that has to be mended, which the client is not told.
 */
export const loggedReason = ({
  code,
  message,
  cause,
}: Pick<GatewayError, 'code' | 'message'> & { readonly cause?: unknown }): string => {
  if (code === 'ERR_TRANSFORM_FAILED' && cause instanceof Error) return cause.message.slice(0, longest);
  const [head = '', ...rest] = message.split(': ');
  if (!quoting.has(code) || rest.length === 0) return message.slice(0, longest);
  return `${head}: ${rest.join(': ').split('; ').map(cleaned).join('; ')}`.slice(0, longest);
};

/** `NAME`, or `NAME is required` and the like, of which the end is ours: the name may be made to look like it. */
const cleaned = (problem: string): string => {
  const [, name = problem, said = ''] = /^([^]*)( is required| is not known| must [^]*)$/.exec(problem) ?? [];
  return `${loggedName(name)}${said}`;
};
