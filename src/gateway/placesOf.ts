import { map, type Observable } from 'rxjs';
import type { ServerSettings } from '../config/settings.js';
import { fromDns } from '../sources/dns/fromDns.js';
import type { Place, Places } from '../streams/balancing/places.js';

/**
 * Where a server runs: as its settings have it, or as DNS knows it. A child process has one place, and so has a service whose document
 * names its address.
 *
 * @param settings$ follow the settings where they name the addresses
 */
export const placesOf = (
  settings: ServerSettings,
  settings$: Observable<ServerSettings>,
): Observable<Places> => {
  if (settings.type === 'stdio' || settings.dns === undefined) return settings$.pipe(map(written));
  const [url = ''] = settings.urls;
  return fromDns(url, settings.dns);
};

const written = (settings: ServerSettings): Places => {
  if (settings.type === 'stdio' || settings.urls.length === 0) return { places: [nowhere], stale: undefined };
  const { urls, balancing } = settings;
  const active = urls.length - (balancing?.standby ?? 0);
  return {
    places: urls.map((url, index) => ({
      url,
      weight: balancing?.weights[index] ?? 1,
      standby: index >= active,
    })),
    stale: undefined,
  };
};

const nowhere: Place = { url: '', weight: 1, standby: false };
