import { isObject } from '../../../protocol/jsonrpc.js';
import { logLevels, type LogLevel } from '../../../protocol/mcp.js';
import { plainRequest } from './plainRequest.js';
import type { Greeting, UpstreamRequest } from './upstreamEra.js';

/** Keeps the log level of a legacy session, which is one for all calls, at the lowest that any of them has asked for. */
export interface LevelKeeper {
  /** The request to send before a call that wants this level; undefined when none is needed. */
  lower(wanted: LogLevel | undefined): UpstreamRequest | undefined;
}

/** A keeper for one session. Servers that declare no logging are never asked. */
export const levelKeeper = ({ capabilities }: Greeting): LevelKeeper => {
  let current = isObject(capabilities['logging']) ? logLevels.length : -1;
  return {
    lower(wanted) {
      if (wanted === undefined) return undefined;
      const rank = logLevels.indexOf(wanted);
      if (rank >= current) return undefined;
      current = rank;
      return plainRequest('logging/setLevel', { level: wanted });
    },
  };
};
