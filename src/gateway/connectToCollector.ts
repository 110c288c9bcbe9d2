import { Agent } from 'undici';
import type { OtlpSettings } from '../config/telemetrySettings.js';
import { connectTo } from '../sources/backends/connectTo.js';

/** Connections to the collector that the settings name. */
export const connectToCollector = ({ tls, timeoutMs }: OtlpSettings): Agent =>
  new Agent({ connect: connectTo(timeoutMs, { tls }) });
