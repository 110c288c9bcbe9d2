import type { HeldBack, Offer } from '../streams/backend.js';
import type { Catalog } from '../streams/catalog.js';
import type { Log } from '../streams/log.js';

/** So much is remembered; beyond it all may be told of once more. */
const maxTold = 10_000;

const events = { changed: 'tool_changed', new: 'tool_unapproved', suspicious: 'tool_held' } as const;

/**
 * Says of each definition that is held back or suspicious, once for as long as it is so, why; and that it is held back no more.
 *
 * @returns to be told of each new catalogue
 */
export const tellOfIntegrity = (log: Log): ((catalog: Catalog) => void) => {
  const seen = new WeakSet<Offer>();
  const told = new Map<string, ReadonlySet<string>>();
  const holding = new Set<string>();
  return ({ servers }) => {
    for (const { offer, settings } of servers) {
      if (offer === undefined || seen.has(offer)) continue;
      seen.add(offer);
      const server = settings.name;
      const before = told.get(server) ?? new Set<string>();
      const now = new Set<string>();
      const tell = (fields: Readonly<Record<string, unknown>>, message: string): void => {
        const key = JSON.stringify(fields);
        now.add(key);
        if (!before.has(key)) log.warn({ ...fields, server }, message);
      };
      for (const held of offer.held ?? []) tell(factsOf(held), messageOf(held, server));
      for (const { kind, name, what, where, shown } of offer.suspects ?? [])
        tell(
          { event: 'tool_suspicious', kind, tool: name, what, where, shown },
          'A definition tries to deceive, or looks like it',
        );
      if (told.size >= maxTold) {
        told.clear();
        holding.clear();
      }
      told.set(server, now);
      if (offer.held !== undefined && offer.held.length > 0) holding.add(server);
      else if (holding.delete(server))
        log.info({ event: 'tools_approved', server }, 'Nothing of this server is held back any more');
    }
  };
};

const factsOf = ({ kind, name, why, fields }: HeldBack) => ({
  event: events[why],
  kind,
  tool: name,
  ...(why === 'changed' && { fields }),
});

const messageOf = ({ name, why }: HeldBack, server: string): string =>
  why === 'suspicious'
    ? 'A suspicious definition is held back'
    : `${why === 'changed' ? 'A definition is not what was approved' : 'Nobody has approved this definition'}: it is held back until \`sluice pin --approve ${server}/${name}\``;
