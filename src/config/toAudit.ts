import { resolve } from 'node:path';
import type { AuditSettings, ReceiverSettings } from './auditSettings.js';
import { bytes } from './bytes.js';
import { keyBytes } from './keyBytes.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';
import { Secret } from './secret.js';
import { toClientTls } from './toClientTls.js';

type RawAudit = NonNullable<RawConfig['audit']>;

/** `audit` with its defaults, its paths absolute; the files of its receivers have been read (fillSecrets.ts). */
export const toAudit = (raw: RawAudit, baseDir: string): AuditSettings => {
  const { file, max_size: maxSize, max_spool: maxSpool, key = '', http, otlp, format = 'sluice' } = raw;
  const secret = keyBytes(key.trim());
  return {
    ...(file !== undefined && { file: resolve(baseDir, file) }),
    maxBytes: maxSize === undefined ? limits.auditFileBytes : bytes(maxSize),
    keep: raw.keep ?? limits.auditFilesKept,
    chain: raw.chain ?? true,
    ...(secret !== undefined && { key: new Secret(secret) }),
    stdout: raw.stdout ?? false,
    ...(http !== undefined && { http: { ...toReceiver(http), format: http.format ?? format } }),
    ...(otlp !== undefined && { otlp: toReceiver(otlp) }),
    spool: resolve(baseDir, raw.spool ?? 'audit-spool'),
    maxSpoolBytes: maxSpool === undefined ? limits.auditSpoolBytes : bytes(maxSpool),
    format,
    arguments: raw.arguments ?? false,
    onOverload: raw.on_overload ?? 'drop',
  };
};

const toReceiver = ({
  url,
  headers = {},
  tls,
  timeout,
}: NonNullable<RawAudit['otlp']>): ReceiverSettings => ({
  url,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), new Secret(Buffer.from(value))]),
  ),
  ...(tls !== undefined && { tls: toClientTls(tls) }),
  timeoutMs: timeout === undefined ? limits.auditTimeoutMs : milliseconds(timeout),
});
