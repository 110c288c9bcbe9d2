import type { DiscoveryHealth } from './discovering.js';

/** A server as far as it matters here. */
interface Warned {
  readonly name: string;
  readonly discovered?: object;
  readonly warnings?: readonly string[];
}

/** Discovery with what is known of its services only since they have listed what they offer. */
export const noticing = (discovery: DiscoveryHealth, servers: readonly Warned[]): DiscoveryHealth => {
  const notices = new Map(Object.entries(discovery.notices ?? {}));
  for (const { name, discovered, warnings = [] } of servers)
    if (discovered !== undefined && warnings.length > 0)
      notices.set(name, [...(notices.get(name) ?? []), ...warnings]);
  return { ...discovery, ...(notices.size > 0 && { notices: Object.fromEntries(notices) }) };
};
