import type { JsonRpcCall, Params, RequestId } from '../protocol/jsonrpc.js';
import { knownRevision } from '../protocol/revisions/index.js';
import { exchange, type Exchange, type Origin, type Outlet } from '../streams/exchange.js';
import { collect } from './collect.js';

export interface CallOptions extends Partial<Omit<Origin, 'revision'>> {
  readonly params?: Params;
  /** `null` makes it a notification; 1 when not given. */
  readonly id?: RequestId | null;
  /** The revision's date; 2026-07-28 when not given. */
  readonly version?: Parameters<typeof knownRevision>[0];
  readonly outlet?: Outlet;
}

/** An exchange as a source would make it, for tests of what comes after: `call('tools/call', { params: { name: 'x' } })`. */
export const call = (method: string, options: CallOptions = {}): Exchange => {
  const { params, id = 1, version = '2026-07-28', outlet = collect(), ...origin } = options;
  const message: JsonRpcCall = {
    jsonrpc: '2.0',
    method,
    ...(id === null ? undefined : { id }),
    ...(params === undefined ? undefined : { params }),
  };
  return exchange({
    message,
    outlet,
    origin: {
      transport: 'in-process',
      namespace: undefined,
      sessionId: undefined,
      headers: {},
      address: undefined,
      batch: false,
      ...origin,
      revision: knownRevision(version),
    },
  });
};
