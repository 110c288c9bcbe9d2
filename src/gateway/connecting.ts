import type { NetworkSettings } from '../config/networkSettings.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Consent } from '../sources/oauth/consent.js';
import type { GrantStore } from '../streams/grants.js';
import type { Log } from '../streams/log.js';
import type { ConnectingPeople } from './connectingPeople.js';

/** What servers that want tokens are spoken to with. */
export interface Authorizing {
  readonly grants: GrantStore;
  /** Where those are kept that can be had again at any time, of callers above all. */
  readonly tokens: GrantStore;
  /** Where those of persons are kept, who each agreed themselves. */
  readonly people: GrantStore;
  readonly connecting: ConnectingPeople;
  /** Who can be asked; undefined where nobody watches. */
  readonly consent: Consent | undefined;
}

/** What the connections to all servers have in common. */
export interface Connecting {
  /** Who the gateway says it is. */
  readonly clientInfo: Implementation;
  readonly log: Log;
  readonly authorizing: Authorizing;
  /** Where connections may go. */
  readonly network: () => NetworkSettings;
  /** Largest message taken from a server. */
  readonly maxMessageBytes: number;
}
