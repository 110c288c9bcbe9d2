import type { AccessRule, AccessSettings, AllowDeny } from '../../config/accessSettings.js';
import { childPointer } from '../../config/pointer.js';
import { accessOf, type Access } from '../../streams/access.js';
import type { Principal } from '../../streams/exchange.js';
import type { Reason } from './reason.js';

/**
 * Which tenant or access policy lets a caller have something, or keeps it from him: found by asking each alone, with its lists and without.
 *
 * @param allows whether an access has it
 */
export const accessReason = (
  access: AccessSettings | undefined,
  principal: Principal,
  allows: (access: Access) => boolean,
  server: string,
): Reason => {
  const { tenants, rules } = access ?? {};
  if (tenants === undefined && rules === undefined)
    return { detail: 'There are no tenants and no access policies', pointer: '/policies' };
  const by = (...some: readonly AccessRule[]): boolean =>
    allows(accessOf({ ...(tenants !== undefined && { tenants }), rules: some })(principal));
  const tenant = tenants?.find(({ name }) => name === principal.tenant);
  const ofTenants = { ...(tenants !== undefined && { tenants }) };
  if (tenants !== undefined && !accessOf(ofTenants)(principal).server(server)) {
    const other = tenants.find(
      ({ name, dedicated, servers }) => name !== tenant?.name && dedicated && servers?.includes(server),
    );
    return other === undefined
      ? {
          detail: `The server \`${server}\` is not the tenant's`,
          pointer: `${childPointer('/tenants', tenant?.name ?? '')}/servers`,
        }
      : {
          detail: `The server \`${server}\` is another tenant's own`,
          pointer: `${childPointer('/tenants', other.name)}/dedicated`,
        };
  }
  if (rules === undefined) return { detail: 'The tenant may have all of its servers', pointer: '/tenants' };
  const denying = rules.findIndex(
    (rule) => by(without(rule, ['allowed', 'denied'])) && !by(without(rule, ['allowed'])),
  );
  if (denying !== -1)
    return { detail: `The access policy ${denying + 1} denies it`, pointer: `/policies/${denying}` };
  const allowing = rules.findIndex((rule) => by(rule));
  return allowing === -1
    ? { detail: 'No access policy allows it', pointer: '/policies' }
    : { detail: `The access policy ${allowing + 1} allows it`, pointer: `/policies/${allowing}` };
};

/** The same rule about the same people and servers that allows all, or denies nothing either. */
const without = (rule: AccessRule, lists: readonly ('allowed' | 'denied')[]): AccessRule => {
  const open = ({ allowed, denied }: AllowDeny): AllowDeny => ({
    ...(allowed !== undefined && !lists.includes('allowed') && { allowed }),
    denied: lists.includes('denied') ? [] : denied,
  });
  return { ...rule, tools: open(rule.tools), prompts: open(rule.prompts), resources: open(rule.resources) };
};
