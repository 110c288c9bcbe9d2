import { resolve } from 'node:path';
import type { AnalyticsSettings } from './analyticsSettings.js';
import { bytes } from './bytes.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';

/** `analytics` with its defaults, its path absolute. */
export const toAnalytics = (
  { path, retention, max_size: maxSize, query = {} }: NonNullable<RawConfig['analytics']>,
  baseDir: string,
): AnalyticsSettings => ({
  path: resolve(baseDir, path),
  retentionDays: retention === undefined ? limits.analyticsDays : parseInt(retention, 10),
  maxBytes: maxSize === undefined ? limits.analyticsBytes : bytes(maxSize),
  query: {
    timeoutMs: query.timeout === undefined ? limits.analyticsQueryMs : milliseconds(query.timeout),
    maxRows: query.max_rows ?? limits.analyticsRows,
    memoryBytes: query.memory === undefined ? limits.analyticsMemoryBytes : bytes(query.memory),
    threads: query.threads ?? limits.analyticsThreads,
  },
});
