import type { AccessRule, AccessSettings, AllowDeny, TenantSettings } from '../config/accessSettings.js';
import { anyOf, type NameTest } from '../protocol/glob.js';
import { uriPatterns } from '../protocol/uriPatterns.js';
import type { Principal } from './exchange.js';

/** What one caller may see and use of what the servers offer. */
export interface Access {
  /** Callers with the same key have the same access. */
  readonly key: string;
  /** False for a caller who belongs to no tenant where there are tenants. */
  readonly member: boolean;
  /** In front of names, where the caller's tenant has one. */
  readonly prefix: string | undefined;
  readonly server: (server: string) => boolean;
  /** By the server's own name and by the exposed one, without the tenant's prefix. */
  readonly tool: (server: string, own: string, exposed: string) => boolean;
  readonly prompt: (server: string, own: string, exposed: string) => boolean;
  readonly resource: (server: string, uri: string) => boolean;
  readonly template: (server: string, uriTemplate: string) => boolean;
}

type Who = Pick<Principal, 'tenant' | 'roles'>;

const all = (): boolean => true;
const none = (): boolean => false;

/** Everything: for a gateway without tenants and policies, and for its own eyes. */
export const wholeAccess: Access = {
  key: '',
  member: true,
  prefix: undefined,
  server: all,
  tool: all,
  prompt: all,
  resource: all,
  template: all,
};

const noAccess = { server: none, tool: none, prompt: none, resource: none, template: none };

/**
 * Compiles tenants and access policies into what each caller may have.
 *
 * > Closed by default: where there are tenants, who belongs to none has nothing; where there are policies, what none of those about
 * > the caller allows is denied, and what one of them denies is denied whatever others allow.
 */
export const accessOf = (settings: AccessSettings | undefined): ((principal: Who) => Access) => {
  const { tenants, rules } = settings ?? {};
  if (tenants === undefined && rules === undefined) return () => wholeAccess;
  const compiled = rules?.map(compile);
  const byName = new Map(tenants?.map((tenant) => [tenant.name, tenant]));
  return (principal) => {
    const tenant = principal.tenant === undefined ? undefined : byName.get(principal.tenant);
    if (tenants !== undefined && tenant === undefined)
      return { ...noAccess, key: 'nobody', member: false, prefix: undefined };
    const own = compiled
      ?.map((rule, index) => ({ rule, index }))
      .filter(({ rule }) => rule.isAbout(principal));
    const server = reachable(tenants ?? [], tenant);
    const judged =
      own === undefined
        ? allOfThem(server)
        : judge(
            own.map(({ rule }) => rule),
            server,
          );
    const applying = own?.map(({ index }) => index).join() ?? 'all';
    return { ...judged, key: JSON.stringify([tenant?.name, applying]), member: true, prefix: tenant?.prefix };
  };
};

/** The servers there are for a tenant: those it names, and never one that is another's own. */
const reachable = (tenants: readonly TenantSettings[], tenant: TenantSettings | undefined): NameTest => {
  const others = new Set(
    tenants.filter((other) => other !== tenant && other.dedicated).flatMap(({ servers = [] }) => servers),
  );
  const named = tenant?.servers && new Set(tenant.servers);
  return (server) => !others.has(server) && (named?.has(server) ?? true);
};

const allOfThem = (server: NameTest) => ({
  server,
  tool: server,
  prompt: server,
  resource: server,
  template: server,
});

/** Takes what a thing is called, by its server and where it differs by clients. */
interface Verdicts {
  readonly allows: (own: string, exposed: string) => boolean;
  readonly denies: (own: string, exposed: string) => boolean;
}

interface Rule extends Readonly<Record<'tool' | 'prompt' | 'resource' | 'template', Verdicts>> {
  readonly isAbout: (who: Who) => boolean;
  readonly server: NameTest;
}

const compile = ({ tenant, roles, servers, tools, prompts, resources }: AccessRule): Rule => {
  const named = servers && new Set(servers);
  const { uri, template } = uriPatterns(resources.allowed, resources.denied);
  return {
    isAbout: (who) =>
      (tenant === undefined || who.tenant === tenant) &&
      (roles === undefined || roles.some((role) => who.roles.includes(role))),
    server: (server) => named?.has(server) ?? true,
    tool: verdicts(tools),
    prompt: verdicts(prompts),
    resource: uri,
    template,
  };
};

/** Either name will do: an operator writes down the one that clients see, or the one that the server's papers have. */
const verdicts = ({ allowed, denied }: AllowDeny): Verdicts => {
  const [allows, denies] = [allowed === undefined ? all : anyOf(allowed), anyOf(denied)];
  return {
    allows: (own, exposed) => allows(own) || allows(exposed),
    denies: (own, exposed) => denies(own) || denies(exposed),
  };
};

const judge = (rules: readonly Rule[], reach: NameTest): Pick<Access, keyof typeof noAccess> => {
  const about = (server: string): readonly Rule[] =>
    reach(server) ? rules.filter((rule) => rule.server(server)) : [];
  const judged =
    (kind: 'tool' | 'prompt' | 'resource' | 'template') =>
    (server: string, own: string, exposed = own): boolean => {
      const said = about(server).map((rule) => rule[kind]);
      return (
        said.some(({ allows }) => allows(own, exposed)) && !said.some(({ denies }) => denies(own, exposed))
      );
    };
  return {
    server: (server) => about(server).length > 0,
    tool: judged('tool'),
    prompt: judged('prompt'),
    resource: judged('resource'),
    template: judged('template'),
  };
};
