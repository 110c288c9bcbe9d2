import { resolve } from 'node:path';
import { bytes } from './bytes.js';
import { limits } from './limits.js';
import type { RecordSettings } from './recordSettings.js';
import type { RawConfig } from './schema.js';
import { toRule } from './toRule.js';

/** `record` with its defaults, its path absolute. */
export const toRecord = ({ record }: RawConfig, baseDir: string): { readonly record?: RecordSettings } => {
  if (record === undefined) return {};
  const { to, sample = 1, redact = [], ignore = [], max_size: maxSize, keep } = record;
  return {
    record: {
      folder: resolve(baseDir, to),
      sample,
      rules: redact.map(toRule),
      ignore,
      maxBytes: maxSize === undefined ? limits.recordingFileBytes : bytes(maxSize),
      keep: keep ?? limits.recordingFilesKept,
    },
  };
};
