import type { RecordedCaller } from '../../protocol/audit/callRecord.js';
import type { Exchange } from '../../streams/exchange.js';

/** Who called, for a record: what vouches for somebody is named, never shown. Undefined where nobody has said. */
export const callerOf = ({ notes: { principal } }: Exchange): RecordedCaller | undefined => {
  if (principal === undefined) return undefined;
  const { id, method, user, clientId, tenant, roles } = principal;
  return { id, method, user, client: clientId, tenant, roles: roles.length === 0 ? undefined : roles };
};
