import type { AuditSettings } from '../config/auditSettings.js';

/** What happens to calls while records can't be kept, for the log. */
export const overloaded: Readonly<Record<AuditSettings['onOverload'], string>> = {
  drop: 'records wait, and are dropped when there is no more room',
  wait: 'records wait, and calls are refused (ERR_UNRECORDED) when there is no more room',
};
