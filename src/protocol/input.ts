/** Input that a server wants from a client: as requests (2025 era) or as a result that wants a retry (2026 era, MRTR). */
import { refusal } from './errors.js';
import { isObject, type Params, type Result } from './jsonrpc.js';
import type { Capabilities } from './mcp.js';

/** One thing asked for. */
export interface InputRequest {
  readonly method: string;
  readonly params: Params;
}

/** `InputRequiredResult` (2026-07-28: basic/patterns/mrtr). */
export interface InputRequired {
  readonly inputRequests: Readonly<Record<string, InputRequest>>;
  readonly requestState: string | undefined;
}

/**
 * Reads a result that asks for input; undefined for any other.
 *
 * Throws `ERR_UPSTREAM_FAILED` for requests that are none, and for a result with neither requests nor a state: to send such a
 * call again would only do its work twice.
 */
export const inputRequired = (result: Result): InputRequired | undefined => {
  if (result['resultType'] !== 'input_required') return undefined;
  const { inputRequests = {}, requestState } = result;
  if (!isObject(inputRequests) || (requestState !== undefined && typeof requestState !== 'string'))
    throw misasked('by what is no request');
  const requests = requestsIn(inputRequests);
  if (requestState === undefined && Object.keys(requests).length === 0) throw misasked('and named none');
  return { inputRequests: requests, requestState };
};

const misasked = (how: string) => refusal('ERR_UPSTREAM_FAILED', `The backend asked for input ${how}`);

const requestsIn = (given: Params): InputRequired['inputRequests'] =>
  Object.fromEntries(
    Object.entries(given).map(([key, request]) => {
      if (!isObject(request) || typeof request['method'] !== 'string')
        throw misasked('by what is no request');
      const { method, params } = request;
      // `roots/list` has none.
      return [key, { method, params: isObject(params) ? params : {} }];
    }),
  );

/** What a client can be asked for, as far as it crosses the gateway. */
export const relayable = ({ sampling, elicitation, roots }: Capabilities): Capabilities => ({
  ...(isObject(sampling) ? { sampling } : undefined),
  ...(isObject(elicitation) ? { elicitation } : undefined),
  ...(isObject(roots) ? { roots: {} } : undefined),
});

/** Whether a client can be asked for anything. */
export const isAskable = ({ sampling, elicitation, roots }: Capabilities): boolean =>
  sampling !== undefined || elicitation !== undefined || roots !== undefined;

/**
 * The capability a client must have declared to be asked for something; undefined if it has.
 *
 * Form mode is what an empty `elicitation` means (2025-11-25: client/elicitation).
 */
export const missingCapability = (
  { method, params }: InputRequest,
  { sampling, elicitation, roots }: Capabilities,
): Capabilities | undefined => {
  if (method === 'sampling/createMessage') return isObject(sampling) ? undefined : { sampling: {} };
  if (method === 'roots/list') return isObject(roots) ? undefined : { roots: {} };
  if (method !== 'elicitation/create') return {};
  const mode = params['mode'] === 'url' ? 'url' : 'form';
  if (!isObject(elicitation)) return { elicitation: mode === 'url' ? { url: {} } : {} };
  const has = isObject(elicitation[mode]) || (mode === 'form' && !isObject(elicitation['url']));
  return has ? undefined : { elicitation: { [mode]: {} } };
};
