import type { Offer } from '../streams/backend.js';
import type { Catalog } from '../streams/catalog.js';
import type { Log } from '../streams/log.js';
import type { ServerState } from '../streams/serverState.js';

/** So many pairs of servers are remembered; beyond them all may be told of once more. */
const maxTold = 1000;

/**
 * Says, once for each two servers, that both offer a resource by the same URI: unlike a tool's name it can't be made another, so
 * clients get that of the server that is configured first.
 *
 * @returns to be told of each new catalogue
 */
export const warnOfSharedUris = (log: Log): ((catalog: Catalog) => void) => {
  const seen = new WeakSet<Offer>();
  const told = new Set<string>();
  return ({ servers }) => {
    const offering = servers.filter(hasResources);
    if (offering.every(({ offer }) => seen.has(offer))) return;
    const owners = new Map<string, string>();
    for (const { offer, settings } of offering) {
      seen.add(offer);
      for (const uri of urisOf(offer)) {
        const owner = owners.get(uri);
        if (owner === undefined) owners.set(uri, settings.name);
        if (owner === undefined || owner === settings.name) continue;
        const pair = `${owner} ${settings.name}`;
        if (told.has(pair)) continue;
        if (told.size >= maxTold) told.clear();
        told.add(pair);
        log.warn(
          { event: 'shared_uri', server: owner, hidden: settings.name, uri },
          'Two servers offer resources by the same URI: the one that is configured first answers',
        );
      }
    }
  };
};

type Offering = ServerState & { readonly offer: Offer };

const hasResources = (server: ServerState): server is Offering => {
  const { offer, settings } = server;
  const wanted = settings.capabilities?.includes('resources') ?? true;
  return wanted && offer !== undefined && offer.resources.length + offer.resourceTemplates.length > 0;
};

const urisOf = ({ resources, resourceTemplates }: Offer): readonly string[] => [
  ...resources.map(({ uri }) => uri),
  ...resourceTemplates.map(({ uriTemplate }) => uriTemplate),
];
