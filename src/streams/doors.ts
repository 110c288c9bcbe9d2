import type { ServerAccess } from '../config/authSettings.js';
import type { ServerSettings } from '../config/settings.js';
import { anyOf, type NameTest } from '../protocol/glob.js';
import type { Access } from './access.js';
import type { Principal } from './exchange.js';

/** What the configuration says of who may enter the servers. */
export interface Doors {
  /** Doors with the same key let in the same callers. */
  readonly key: string;
  /** Takes from an access what is closed to its caller: servers for others, and what its credential is not good for. */
  readonly within: (access: Access, principal: Principal) => Access;
}

/** Its caller sees all: there is nobody to ask, or nothing to be asked. */
const open: Doors = { key: '', within: (access) => access };

/**
 * The doors of the servers: `auth_required`, `allowed_clients`, and the reach of an API key.
 *
 * > What is behind a closed door does not exist for who stands before it, in lists and in calls alike.
 *
 * @param isAsked whether callers are asked who they are; where they are not, all doors are open
 */
export const doorsOf = (servers: readonly ServerSettings[], isAsked: boolean): Doors => {
  if (!isAsked) return open;
  const watched = servers.flatMap(({ name, access }) =>
    access === undefined ? [] : [{ name, access, fits: anyOf(access.allowedClients ?? []) }],
  );
  const forAll = new Set(
    watched.filter((door) => door.access.authRequired === false && !hasGuests(door)).map(({ name }) => name),
  );
  const closed = ({ anonymous, method, clientId }: Principal): NameTest => {
    if (anonymous === true) return (server) => !forAll.has(server);
    // Who started the program has its configuration: there is nothing to be kept from them.
    if (method === 'none') return () => false;
    const names = new Set(
      watched
        .filter((door) => hasGuests(door) && (clientId === undefined || !door.fits(clientId)))
        .map(({ name }) => name),
    );
    return (server) => names.has(server);
  };
  const about = watched.map(({ name }) => name);
  return {
    key: JSON.stringify([
      isAsked,
      ...watched.map(({ name, access: { authRequired, allowedClients } }) => [
        name,
        authRequired,
        allowedClients,
      ]),
    ]),
    within(access, principal) {
      const isClosed = closed(principal);
      const { servers: reached, tools } = principal.reach ?? {};
      const isReached = reached === undefined ? all : anyOf(reached);
      const server = (name: string): boolean => !isClosed(name) && isReached(name) && access.server(name);
      const tool = tools === undefined ? all : anyOf(tools);
      // What is good for some tools is good for nothing else.
      const other = tools === undefined ? server : none;
      return {
        ...access,
        key: JSON.stringify([
          access.key,
          principal.anonymous === true ? 'anyone' : about.filter(isClosed),
          reached,
          tools,
        ]),
        server,
        tool: (name, own, exposed) => server(name) && tool(exposed) && access.tool(name, own, exposed),
        prompt: (name, own, exposed) => other(name) && access.prompt(name, own, exposed),
        resource: (name, uri) => other(name) && access.resource(name, uri),
        template: (name, uri) => other(name) && access.template(name, uri),
      };
    },
  };
};

const all = (): boolean => true;
const none = (): boolean => false;

/** Whether it is for some clients only. */
const hasGuests = ({ access }: { readonly access: ServerAccess }): boolean =>
  access.allowedClients !== undefined;
