import type { AccessSettings } from '../config/accessSettings.js';
import type { Settings } from '../config/settings.js';
import { subjectName } from '../operators/subjectName.js';
import { accessOf, type Access } from '../streams/access.js';
import type { Decision } from '../streams/decision.js';
import type { Exchange, Principal, Target } from '../streams/exchange.js';
import { select, type Latest } from '../streams/latest.js';
import { accessReason } from './explain/accessReason.js';

/** Reasons are looked up once for each kind of caller and thing; so many are remembered. */
const maxReasons = 1000;

/**
 * What a record says of who decided about a call: the policies, or where they have no say the tenants and access policies of the
 * configuration. The caller of what these keep from him is told that there is no such thing; the record says why.
 */
export const recordedDecision = (
  settings: Latest<Settings>,
): ((exchange: Exchange) => Decision | undefined) => {
  const reasons = select(settings, ({ access }) => access && rememberedReasons(access));
  return ({ message, notes }) => {
    const { decision, principal, resolved, error } = notes;
    const { current } = reasons;
    const isHidden = decision === undefined && error?.code === 'ERR_HIDDEN';
    if (current === undefined || principal === undefined || resolved === undefined) return decision;
    if (!isHidden && decision?.policy !== 'none') return decision;
    const { allow, reason } = current(principal, resolved, message.method, subjectName(message));
    // Kept from him by something else: a server may be for other clients.
    return allow === isHidden ? decision : { allow, policy: 'access', reason, obligations: {} };
  };
};

const rememberedReasons = (access: AccessSettings) => {
  const of = accessOf(access);
  const known = new Map<string, Pick<Decision, 'allow'> & { readonly reason: string }>();
  return (principal: Principal, target: Target, method: string, asked: string) => {
    const { name } = target.server.settings;
    const key = JSON.stringify([principal.tenant, principal.roles, name, method, asked]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const allows = (its: Access): boolean =>
      its.server(name) && kinds[method]?.(its, target, asked) !== false;
    const { detail, pointer } = accessReason(access, principal, allows, name);
    // Whoever looks after a tenant reads its records, and is not told whose servers there are besides.
    const reason =
      pointer?.startsWith('/tenants/') === true
        ? "The server is not the tenant's (/tenants)"
        : `${detail} (${pointer ?? ''})`;
    const found = { allow: allows(of(principal)), reason };
    if (known.size >= maxReasons) known.clear();
    known.set(key, found);
    return found;
  };
};

/** Whether an access has what a call is for. */
const kinds: Readonly<Record<string, (access: Access, target: Target, asked: string) => boolean>> = {
  'tools/call': (access, { server, tool }, asked) =>
    tool === undefined || access.tool(server.settings.name, tool.name, asked),
  'prompts/get': (access, { server, params }, asked) =>
    access.prompt(server.settings.name, String(params['name']), asked),
  'resources/read': (access, { server, params }) =>
    access.resource(server.settings.name, String(params['uri'])),
};
