import { hkdfSync } from 'node:crypto';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { redactions, type Redactions } from '../streams/redactions.js';

/** What the settings want redacted. Hashes are made with their own key, or with one derived from the newest of the gateway's. */
export const redactionsOf = ({ redact, naming }: Settings, [newest]: Secrets): Redactions =>
  redactions(
    redact,
    redact?.key?.reveal() ?? Buffer.from(hkdfSync('sha256', newest, '', 'sluice redaction', 32)),
    naming.separator,
  );
