import type { NetworkSettings } from './networkSettings.js';
import type { RawConfig } from './schema.js';

/** The `network` of the configuration as the program uses it; what is not written is the cautious default. */
export const toNetwork = (raw: RawConfig['network'] = {}): NetworkSettings => ({
  private: raw.private ?? 'origin',
  allowed: raw.allowed ?? [],
  denied: raw.denied ?? [],
});
