import type { Params } from '../../../protocol/jsonrpc.js';
import { alwaysOpen } from '../../../streams/valve.js';
import type { UpstreamRequest } from './upstreamEra.js';

/** A request of the gateway itself: repeatable, with nobody behind it who wants progress or logs or could be slow. */
export const plainRequest = (method: string, params: Params): UpstreamRequest => ({
  method,
  params,
  repeatable: true,
  progress: false,
  logLevel: undefined,
  capabilities: {},
  principalId: '',
  valve: alwaysOpen,
});
