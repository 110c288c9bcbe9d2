import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

/** The revisions whose requirement sets are run, by the era of the client that the suite then is. */
export const revisions = { legacy: '2025-11-25', modern: '2026-07-28' } as const;
export type Revision = (typeof revisions)[keyof typeof revisions];

/** Which side of a connection the suite tests: a server, being its client, or a client, being its server. */
export type Leg = 'server' | 'client';

/** What the suite runs for a revision. */
export interface Requirements {
  /** The scenarios that count. */
  readonly scored: ReadonlySet<string>;
  /** Every scenario that is run, those that only inform (extensions, pending, added later) included. */
  readonly all: ReadonlySet<string>;
}

type File = Readonly<Record<Leg, string[]>> & {
  readonly not_scored: readonly { readonly scenario: string; readonly leg: Leg }[];
};

/** The scenarios of one leg for a revision, as the suite's own frozen list names them. */
export const requirements = (revision: Revision, leg: Leg): Requirements => {
  const suite = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
  const file = new URL(`requirements/${revision}.yaml`, `file://${suite}`);
  const lists = parse(readFileSync(file, 'utf8')) as File;
  const others = lists.not_scored.filter((entry) => entry.leg === leg).map(({ scenario }) => scenario);
  return { scored: new Set(lists[leg]), all: new Set([...lists[leg], ...others]) };
};
