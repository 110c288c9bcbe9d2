import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { redactions, type Redactions } from '../streams/redactions.js';
import { redactionKey } from './redactionKey.js';

/** What the settings want redacted. */
export const redactionsOf = (settings: Settings, secrets: Secrets): Redactions =>
  redactions(settings.redact, redactionKey(settings, secrets), settings.naming.separator);
