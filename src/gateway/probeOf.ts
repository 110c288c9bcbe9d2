import type { Observable } from 'rxjs';
import type { HealthCheckSettings } from '../config/balancingSettings.js';
import { httpProbe } from '../sources/health/httpProbe.js';
import { tcpProbe } from '../sources/health/tcpProbe.js';
import type { Backend } from '../streams/backend.js';

/**
 * How an instance is asked whether it is alive.
 *
 * @param url its address; `''` where only a document names it, which leaves nothing to ask
 */
export const probeOf = (
  { kind, path }: HealthCheckSettings,
  url: string,
  backend: Backend,
  headers: Readonly<Record<string, string>>,
): (() => Observable<unknown>) | undefined => {
  if (kind === 'mcp' && backend.ping !== undefined) return () => backend.ping?.() ?? tcpProbe(url);
  if (url === '') return undefined;
  return kind === 'http' ? () => httpProbe(url, path, headers) : () => tcpProbe(url);
};
