import type { ServerSettings } from '../../config/settings.js';

/** What Consul offers, as one immutable value. */
export interface Discovery {
  /** Those registered first go first: they keep the names of their tools. A service that has not changed is the same object as before. */
  readonly servers: readonly ServerSettings[];
  /** Namespace of the gateway → the names of the servers that joined it. */
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
  /** What was left out of a service and why, and what is not done that it asks for; by service. */
  readonly notices: ReadonlyMap<string, readonly string[]>;
  /** Every service of at least one datacenter has been seen since the start. */
  readonly ready: boolean;
  /** Every question that the first picture needs has been answered, or has failed. */
  readonly answered: boolean;
  /** Why something may be out of date; undefined while all feeds work. */
  readonly failure: string | undefined;
  /** Blocking queries open now. */
  readonly watches: number;
}

/** Before anything is known, and where nothing is configured. */
export const nothingDiscovered: Discovery = {
  servers: [],
  namespaces: new Map(),
  notices: new Map(),
  ready: false,
  answered: false,
  failure: undefined,
  watches: 0,
};
