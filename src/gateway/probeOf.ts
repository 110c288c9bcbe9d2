import type { Observable } from 'rxjs';
import type { HealthCheckSettings } from '../config/balancingSettings.js';
import { httpProbe } from '../sources/health/httpProbe.js';
import { tcpProbe } from '../sources/health/tcpProbe.js';
import type { Way } from '../sources/backends/connectTo.js';
import type { Place } from '../streams/balancing/places.js';
import type { Backend } from '../streams/backend.js';

/**
 * How an instance is asked whether it is alive.
 *
 * @param place where it is, and how connections are opened; a `url` of `''`, where only a document names it, leaves nothing to ask
 */
export const probeOf = (
  { kind, path }: HealthCheckSettings,
  place: Place & Way,
  backend: Backend,
  headers: Readonly<Record<string, string>>,
): (() => Observable<unknown>) | undefined => {
  if (kind === 'mcp' && backend.ping !== undefined) return () => backend.ping?.() ?? tcpProbe(place);
  if (place.url === '') return undefined;
  return kind === 'http' ? () => httpProbe(place, path, headers) : () => tcpProbe(place);
};
