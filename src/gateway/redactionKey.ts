import { hkdfSync } from 'node:crypto';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';

/** What hashes in place of redacted values are made with: a key of their own, or one derived from the newest of the gateway's. */
export const redactionKey = ({ redact }: Settings, [newest]: Secrets): Uint8Array =>
  redact?.key?.reveal() ?? Buffer.from(hkdfSync('sha256', newest, '', 'sluice redaction', 32));
