import type { Diagnostic } from '../config/configError.js';
import type { Settings } from '../config/settings.js';
import type { Log } from '../streams/log.js';
import type { OwnPipeline } from '../streams/ownPipeline.js';
import type { Authorizing } from './connecting.js';
import type { PlaceOf } from './explain/located.js';
import type { StrategyOf } from './orderOf.js';
import type { RelayDoor } from './relayDoor.js';
import type { Stores } from './stores.js';

/** What a program that runs a gateway decides beside its configuration. */
export interface GatewayOptions {
  readonly log: Log;
  /** The version it says it has. */
  readonly version: string;
  /** Where tokens for servers are kept, the file that the settings name by default, and who can be asked for some, else nobody. */
  readonly authorizing?: Partial<Authorizing>;
  /** A key to the console for this run, good while the configuration has no way in. */
  readonly runKey?: string | undefined;
  /** What is wrong with a configuration, for the console; undefined where there is no file to compare with. */
  readonly checkConfiguration?: ((text: string) => readonly Diagnostic[]) | undefined;
  /** How the calls of a server are spread over its instances, where the configured way won't do. */
  readonly strategyOf?: StrategyOf;
  /** A chain of its own for calls, something around all answers, or both; then `pipeline` in the settings is not looked at. */
  readonly pipeline?: OwnPipeline | undefined;
  /** Where it keeps what outlives a call, where that is not as the settings say. */
  readonly storesOf?: (settings: Settings, log: Log) => Stores;
  /** Descriptor for records that are to go to the standard output (`audit.stdout`); 1 unless that is for something else. */
  readonly stdout?: number;
  /** Finds lines in the file of the configuration, to name them where a call is explained. */
  readonly placeOf?: PlaceOf;
  /** The number of this process among several that share the work; undefined for one that is alone. */
  readonly worker?: number;
  /** For one of several processes that share their listener: its way in for the others; the admin listener is not its own. */
  readonly door?: RelayDoor;
}
