import type { Settings } from '../../../config/settings.js';
import { accessOf } from '../../../streams/access.js';
import type { ToolEntry } from '../../../streams/slice.js';
import type { ToolTold } from '../questions.js';

/** All that is known of one tool: how it is defined, and who may call it. @param tenant whose the question is; undefined for all */
export const toolTold = (
  { key, definition, server, upstream, rule }: ToolEntry,
  settings: Settings,
  tenant: string | undefined,
): ToolTold => {
  const { name, access: door, policies = [] } = server.settings;
  const notes: string[] = [];
  if (settings.auth === undefined) notes.push('Nobody is asked who they are: there is no `auth`');
  else if (door?.authRequired === false)
    notes.push('Also who has not said who they are: `auth_required: false`');
  const { tenants, rules } = settings.access ?? {};
  const of = accessOf(settings.access);
  const roles = [...new Set((rules ?? []).flatMap((each) => each.roles ?? []))];
  const may = (who: string | undefined, having: readonly string[]): boolean =>
    of({ tenant: who, roles: having }).tool(name, upstream.name, key);
  const open = (who: string | undefined): boolean => {
    if (may(who, [])) return true;
    const needed = roles.filter((role) => may(who, [role]));
    if (needed.length > 0)
      notes.push(`${who === undefined ? 'Only' : `Of ${who} only`} who has the role ${needed.join(' or ')}`);
    return needed.length > 0;
  };
  const shown =
    tenant === undefined ? (tenants ?? []) : (tenants ?? []).filter((each) => each.name === tenant);
  const allowed = shown.filter((each) => open(each.name)).map((each) => each.name);
  if (tenants === undefined && !open(undefined)) notes.push('Nobody: an access policy denies it');
  return {
    definition,
    server: name,
    who: {
      tenants: tenants === undefined ? 'all' : allowed,
      clients: door?.allowedClients ?? 'all',
      scopes: [
        ...new Set([
          ...(settings.auth?.requiredScopes ?? []),
          ...(door?.scopes ?? []),
          ...(rule?.scopes ?? []),
        ]),
      ],
      policies: [
        ...(rules ?? []).flatMap(({ servers, tenant: of }, index) =>
          servers?.includes(name) === false || (of !== undefined && tenant !== undefined && of !== tenant)
            ? []
            : [`policies[${index}]`],
        ),
        ...(settings.opa?.policy === undefined ? [] : ['opa: gateway']),
        ...(policies.some(({ tool }) => tool === undefined || tool === upstream.name)
          ? [`opa: ${name}`]
          : []),
      ],
      notes,
    },
  };
};
