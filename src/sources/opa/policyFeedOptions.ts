import type { NetworkSettings } from '../../config/networkSettings.js';
import type { OpaSettings } from '../../config/opaSettings.js';
import type { Log } from '../../streams/log.js';

/** What it takes to follow a policy. */
export interface PolicyFeedOptions {
  readonly opa: OpaSettings;
  /** Where connections may go. */
  readonly rules: () => NetworkSettings;
  readonly log: Log;
}
