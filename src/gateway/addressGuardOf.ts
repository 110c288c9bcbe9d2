import type { NetworkSettings } from '../config/networkSettings.js';
import type { ServerSettings } from '../config/settings.js';
import { addressGuard, type AddressGuard } from '../sources/network/addressGuard.js';

/**
 * Where the connections to a server may go: wherever its configuration says, or where the registry may lead that has named its
 * addresses. A child process is at no address.
 */
export const addressGuardOf = (
  settings: ServerSettings,
  rules: () => NetworkSettings,
): AddressGuard | undefined => {
  if (settings.type === 'stdio') return undefined;
  const { namedBy, urls } = settings;
  if (namedBy !== undefined) return addressGuard({ namedBy: new URL(namedBy), vouched: [], rules });
  const document = settings.type === 'rest' ? settings.openapi : undefined;
  const written = [...urls, ...(document !== undefined && URL.canParse(document) ? [document] : [])];
  const vouched = written.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return addressGuard({ namedBy: undefined, vouched, rules });
};
