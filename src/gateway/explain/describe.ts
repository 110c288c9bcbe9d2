import type { Settings } from '../../config/settings.js';
import { childPointer } from '../../config/pointer.js';
import type { ExplainQuestion } from '../../protocol/explain/explanation.js';
import type { Catalog } from '../../streams/catalog.js';
import type { BackendCall } from '../../streams/backend.js';
import type { Exchange, Notes, Resolved } from '../../streams/exchange.js';
import { cacheRules } from '../../streams/cacheRules.js';
import { redactions } from '../../streams/redactions.js';
import type { Instance } from '../../streams/serverState.js';
import { accessReason } from './accessReason.js';
import { describeTransform } from './describeTransform.js';
import type { Reason } from './reason.js';
import { whyUnknown } from './whyUnknown.js';

/** What was seen of a call that went through the pipeline without being made. */
export interface Seen {
  readonly question: ExplainQuestion;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly exchange: Exchange;
  /** What was left of each limit that was asked, by the stage that asked. */
  readonly limits: readonly { readonly stage: string; readonly name: string; readonly left: number }[];
  /** The instances it would be tried on, in their order. */
  readonly instances: readonly Instance[] | undefined;
  /** What an instance would have been sent. */
  readonly sent: BackendCall | undefined;
}

type Describe = (seen: Seen, notes: Notes) => Reason;

/** What is to be said of each operator that a call has passed. Of those that are not named here nothing is. */
export const describe: Readonly<Record<string, Describe>> = {
  admit: () => ({ detail: 'The gateway takes new calls' }),
  authenticate: ({ settings }, { principal }) =>
    principal === undefined || principal.anonymous === true
      ? settings.auth === undefined
        ? { detail: 'Nobody is asked who he is', pointer: '/auth' }
        : { detail: 'Somebody who has not said who he is', pointer: '/auth' }
      : {
          detail: [
            `Taken for ${principal.user ?? principal.clientId ?? principal.id}, whose credential is not checked here`,
            ...(principal.tenant === undefined ? [] : [`tenant ${principal.tenant}`]),
            ...(principal.clientId === undefined ? [] : [`client ${principal.clientId}`]),
            ...(principal.roles.length === 0 ? [] : [`roles ${principal.roles.join(', ')}`]),
            ...(principal.scopes.length === 0 ? [] : [`scopes ${principal.scopes.join(' ')}`]),
          ].join('; '),
          pointer: '/auth',
        },
  needTenant: ({ settings }, { principal }) =>
    settings.access?.tenants === undefined
      ? { detail: 'There are no tenants', pointer: '/tenants' }
      : {
          detail: `Belongs to the tenant ${principal?.tenant ?? ''}`,
          pointer: childPointer('/tenants', principal?.tenant ?? ''),
        },
  openSession: () => ({ detail: 'Without a session, as clients of 2026 call' }),
  checkShape: () => ({ detail: 'A message that can be understood' }),
  limitRate: (seen) => left(seen, 'limitRate'),
  resolveTool: ({ settings, question }, { resolved, principal }) => {
    if (resolved === undefined || principal === undefined) return { detail: 'Nothing of that name is there' };
    const { server, tool } = resolved;
    const { name } = server.settings;
    const allowed =
      settings.access === undefined
        ? undefined
        : accessReason(
            settings.access,
            principal,
            (access) =>
              access.server(name) && (tool === undefined || access.tool(name, tool.name, question.name)),
            name,
          );
    const found =
      tool === undefined
        ? `Found at the server \`${name}\``
        : `Found: \`${tool.name}\` of the server \`${name}\``;
    return {
      detail: `${found}${allowed === undefined ? '' : `. ${allowed.detail}`}`,
      pointer: allowed?.pointer ?? childPointer('/servers', name),
    };
  },
  enterServer: ({ settings }, { resolved }) => {
    const at = serverAt(resolved);
    const scopes = [...(resolved?.server.settings.access?.scopes ?? []), ...(resolved?.rule?.scopes ?? [])];
    if (settings.auth === undefined) return { detail: 'Nobody is asked for scopes', pointer: '/auth' };
    return scopes.length === 0
      ? { detail: 'The server and the tool need no scopes', pointer: `${at}/scopes` }
      : { detail: `Has the scopes that are needed: ${scopes.join(' ')}`, pointer: `${at}/scopes` };
  },
  limitCalls: (seen) => left(seen, 'limitCalls'),
  confirmHeaders: () => ({
    detail: 'Headers are compared with arguments only over HTTP: not looked at here',
  }),
  validateArguments: ({ question }, { resolved }) =>
    question.arguments === undefined
      ? { detail: 'Not looked at: no arguments were given' }
      : {
          detail: resolved?.tool === undefined ? 'There is no schema' : "The arguments fit the tool's schema",
          pointer: serverAt(resolved),
        },
  authorize: (_seen, { decision, resolved }) => {
    if (decision === undefined || decision.policy === 'none')
      return { detail: 'No policy decides over it', pointer: '/opa' };
    const { mask, headers, scopes, perMinute } = decision.obligations;
    const wants = [
      ...(mask === undefined ? [] : [`masks ${mask.join(', ')}`]),
      ...(headers === undefined ? [] : [`adds the headers ${Object.keys(headers).join(', ')}`]),
      ...(scopes === undefined ? [] : [`wants the scopes ${scopes.join(' ')}`]),
      ...(perMinute === undefined ? [] : [`${perMinute} a minute`]),
    ];
    const reason = decision.fault ?? decision.reason;
    return {
      detail: [
        `The policy \`${decision.policy}\` ${decision.allow && decision.fault === undefined ? 'allows' : 'denies'} it`,
        ...(reason === undefined ? [] : [reason]),
        ...wants,
      ].join('; '),
      pointer: policyAt(decision.policy, resolved),
    };
  },
  redactArguments: ({ settings }, { resolved, principal, decision }) => {
    const rules = settings.redact?.rules ?? [];
    const { name, prefix } = resolved?.server.settings ?? { name: '', prefix: '' };
    const call = {
      server: name,
      prefix,
      tool: resolved?.tool?.name,
      tenant: principal?.tenant,
      mask: undefined,
    };
    const applying = rules.filter(
      (rule) =>
        redactions({ rules: [rule], holdMs: 0 }, noKey, settings.naming.separator)(call) !== undefined,
    );
    const [first] = applying;
    const masks = decision?.obligations.mask ?? [];
    if (first === undefined && masks.length === 0)
      return { detail: 'Nothing is redacted', pointer: '/redact' };
    const words = [
      ...applying.map(({ name: rule, action, direction }) => `${rule} (${action}, ${direction})`),
      ...masks.map((path) => `${path} (by the policy)`),
    ];
    return {
      detail: `Redacts ${words.join(', ')}`,
      pointer: first === undefined ? '/redact' : `/redact/rules/${rules.indexOf(first)}`,
    };
  },
  cache: ({ settings }, { cached, resolved }) => {
    const pointer = childPointer('/cache', resolved?.method ?? 'tools/call');
    const rule =
      settings.cache && resolved && cacheRules(settings.cache, settings.naming.separator).of(resolved);
    if (cached === 'hit') return { detail: 'Would be answered from memory', pointer };
    return rule === undefined
      ? { detail: 'Its answer is not remembered', pointer }
      : { detail: `Would be sent, and its answer remembered for ${rule.ttlMs / 1000} s at most`, pointer };
  },
  transform: ({ settings }, { resolved }) => describeTransform(settings, resolved),
  limitConcurrency: (_seen, { resolved }) => {
    const { concurrency } = resolved?.server.settings ?? {};
    return concurrency === undefined
      ? { detail: 'As many calls at a time as there are', pointer: `${serverAt(resolved)}/concurrency` }
      : {
          detail: `At most ${concurrency.max} calls at a time; there is room`,
          pointer: `${serverAt(resolved)}/concurrency`,
        };
  },
  retryAcrossInstances: ({ instances = [] }, { resolved }) => {
    const order = instances.map(({ id, standing }) => {
      const { breaker = 'closed', health } = standing?.view ?? {};
      const doubts = [
        ...(breaker === 'closed' ? [] : [`breaker ${breaker}`]),
        ...(health === undefined || health.status === 'unknown' ? [] : [health.status]),
      ];
      return doubts.length === 0 ? id : `${id} (${doubts.join(', ')})`;
    });
    const again = resolved?.repeatable === true ? 'is sent again' : 'is not sent again once begun';
    return {
      detail: `Would be tried on ${order.join(', then ')} within ${String(resolved?.timeoutMs ?? 0)} ms of silence; ${again} after a failure`,
      pointer: serverAt(resolved),
    };
  },
  invoke: ({ sent }, { resolved }) => {
    const headers = Object.keys(sent?.headers ?? {});
    return {
      detail: `Would be sent; it is not, this is an explanation${headers.length === 0 ? '' : `. With the policy's headers ${headers.join(', ')}`}`,
      pointer: serverAt(resolved),
    };
  },
};

/** What is to be said of the operator that refuses. */
export const refused = (operator: string, seen: Seen): Reason => {
  const { exchange, settings, catalog, question } = seen;
  const { notes } = exchange;
  const told = notes.error?.message ?? 'Refused';
  const described = describe[operator]?.(seen, notes);
  switch (operator) {
    case 'needTenant':
      return { detail: told, pointer: '/tenants' };
    case 'resolveTool':
      return notes.principal === undefined
        ? { detail: told }
        : whyUnknown({ settings, catalog, principal: notes.principal, question });
    case 'enterServer':
      return { detail: `${told}: ${scopesOf(notes)}`, pointer: `${serverAt(notes.resolved)}/scopes` };
    case 'authorize':
      return { ...described, detail: described?.detail ?? told };
    default:
      return { ...described, detail: told };
  }
};

const noKey = new Uint8Array(32);

const scopesOf = ({ error }: Notes): string => {
  const { scopes } = (error?.data ?? {}) as { readonly scopes?: unknown };
  return Array.isArray(scopes) ? scopes.join(' ') : '';
};

const serverAt = (resolved: Resolved['target'] | undefined): string =>
  resolved === undefined ? '/servers' : childPointer('/servers', resolved.server.settings.name);

/** `gateway:path` is that of the whole; others begin with the name of their server. */
const policyAt = (policy: string, resolved: Resolved['target'] | undefined): string =>
  policy.startsWith('gateway') ? '/opa' : `${serverAt(resolved)}/opa`;

/** How the limits stand that a stage asks. Their names are the places where they are written. */
const left = ({ limits }: Seen, stage: string): Reason => {
  const own = limits.filter((limit) => limit.stage === stage);
  const [first] = own;
  return first === undefined
    ? { detail: 'No limit is about it', pointer: '/limits' }
    : {
        detail: own.map(({ name, left: some }) => `${name}: ${some} left`).join('; '),
        pointer: `/${first.name
          .replace(/ \(.*$/, '')
          .split('.')
          .join('/')}`,
      };
};
