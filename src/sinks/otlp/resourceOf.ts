import { hostname } from 'node:os';
import type { OtlpSettings } from '../../config/telemetrySettings.js';

/** What all telemetry of this process is labelled with. */
export const resourceOf = ({ resource }: OtlpSettings, version: string) => ({
  attributes: {
    'service.version': version,
    'service.instance.id': `${hostname()}:${process.pid}`,
    'process.pid': process.pid,
    'host.name': hostname(),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'sluice',
    'telemetry.sdk.version': version,
    ...resource,
  },
  merge: unmerged,
  getRawAttributes: () => [],
});

/** OpenTelemetry's type of a resource wants it; nothing here merges one with another. */
const unmerged = (): never => {
  throw new Error('A resource is written as it is');
};
