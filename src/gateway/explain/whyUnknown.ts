import type { Settings } from '../../config/settings.js';
import { childPointer } from '../../config/pointer.js';
import { exposedName } from '../../protocol/names.js';
import type { ExplainQuestion } from '../../protocol/explain/explanation.js';
import { accessOf, wholeAccess, type Access } from '../../streams/access.js';
import type { Catalog } from '../../streams/catalog.js';
import { doorsOf } from '../../streams/doors.js';
import type { Principal } from '../../streams/exchange.js';
import type { ServerState } from '../../streams/serverState.js';
import { sliceOf, type ViewRules } from '../../streams/slice.js';
import { accessReason } from './accessReason.js';
import type { Reason } from './reason.js';

export interface WhyUnknownParts {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly principal: Principal;
  readonly question: ExplainQuestion;
}

/** What of an offer a method is about. */
const kinds = { 'tools/call': 'tools', 'prompts/get': 'prompts', 'resources/read': 'resources' } as const;

/** Why something is not there for a caller: found by leaving out one rule after the other, with what makes the catalogue's views. */
export const whyUnknown = (parts: WhyUnknownParts): Reason => {
  const { settings, catalog, principal, question } = parts;
  const { name, namespace } = question;
  const whole = catalog.whole(namespace);
  const endpoint = namespace === undefined ? '' : childPointer('/namespaces', namespace);
  if (whole === undefined)
    return { detail: `There is no namespace \`${namespace ?? ''}\``, pointer: '/namespaces' };
  const { prefix } = catalog.access(principal);
  const free: ViewRules = {
    ...whole.rules,
    allowed: () => true,
    denied: () => false,
    blocked: () => false,
    access: { ...wholeAccess, prefix },
  };
  const kind = kinds[question.method];
  const isIn = (server: ServerState, rules: ViewRules): boolean =>
    sliceOf(server, rules)[kind].some(({ key }) => key === name);
  const server = catalog.servers.find((one) => isIn(one, free));
  if (server === undefined) return notOffered(parts);
  const at = childPointer('/servers', server.settings.name);
  const lacks = (rule: Partial<ViewRules>): boolean => !isIn(server, { ...free, ...rule });
  if (!whole.servers.includes(server))
    return {
      detail: `The server \`${server.settings.name}\` is not in the namespace`,
      pointer: `${endpoint}/servers`,
    };
  if (lacks({ blocked: whole.rules.blocked }))
    return { detail: 'It is blocked for everybody', pointer: '/blocked_tools' };
  if (lacks({ denied: whole.rules.denied }))
    return { detail: 'The namespace denies it', pointer: `${endpoint}/tools/denied` };
  if (lacks({ allowed: whole.rules.allowed }))
    return { detail: 'The namespace does not allow it', pointer: `${endpoint}/tools/allowed` };
  const within = (access: Access): boolean =>
    access.server(server.settings.name) && !lacks({ access: { ...access, prefix } });
  const door = doorsOf(settings.servers, settings.auth !== undefined).within(wholeAccess, principal);
  if (!within(door))
    return principal.anonymous === true
      ? { detail: 'The server is not for who has not said who he is', pointer: `${at}/auth_required` }
      : { detail: 'The server is for other clients', pointer: `${at}/allowed_clients` };
  if (!within(accessOf(settings.access)(principal)))
    return accessReason(settings.access, principal, within, server.settings.name);
  return { detail: 'Another server has this name', pointer: at };
};

const notOffered = ({ settings, catalog, question }: WhyUnknownParts): Reason => {
  const { name } = question;
  const { separator } = settings.naming;
  const nameIn = ({ settings: { prefix } }: ServerState, own: string): string =>
    exposedName(prefix, separator, own);
  for (const server of catalog.servers) {
    const at = childPointer('/servers', server.settings.name);
    const held = server.offer?.held?.find((one) => nameIn(server, one.name) === name || one.name === name);
    if (held !== undefined)
      return {
        detail: `The server \`${server.settings.name}\` offers it, and its definition is held back (${held.why}) until somebody approves it: \`sluice pin\``,
        pointer: '/integrity',
      };
    if (
      question.method === 'tools/call' &&
      server.offer?.tools.some((tool) => nameIn(server, tool.name) === name)
    )
      return {
        detail: `The server \`${server.settings.name}\` offers it, and the configuration leaves it out`,
        pointer: `${at}/exclude`,
      };
  }
  const mute = catalog.servers.find(
    ({ settings: { prefix }, offer, stale }) =>
      (offer === undefined || stale !== undefined) &&
      prefix !== '' &&
      name.startsWith(`${prefix}${separator}`),
  );
  if (mute !== undefined)
    return {
      detail: `The server \`${mute.settings.name}\` has not answered${mute.stale === undefined ? '' : `: ${mute.stale.reason}`}`,
      pointer: childPointer('/servers', mute.settings.name),
    };
  return { detail: 'No server offers anything of that name', pointer: '/servers' };
};
