import { resolve } from 'node:path';
import type { AuditSettings } from './auditSettings.js';
import { bytes } from './bytes.js';
import { keyBytes } from './keyBytes.js';
import { limits } from './limits.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';

/** `audit` with its defaults, its path absolute. */
export const toAudit = (
  { file, max_size: maxSize, keep, chain, key = '' }: NonNullable<RawConfig['audit']>,
  baseDir: string,
): AuditSettings => {
  const secret = keyBytes(key.trim());
  return {
    file: resolve(baseDir, file),
    maxBytes: maxSize === undefined ? limits.auditFileBytes : bytes(maxSize),
    keep: keep ?? limits.auditFilesKept,
    chain: chain ?? true,
    ...(secret !== undefined && { key: new Secret(secret) }),
  };
};
