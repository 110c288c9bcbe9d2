import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

/** The revisions whose requirement sets are run, by the era of the client that the suite then is. */
export const revisions = { legacy: '2025-11-25', modern: '2026-07-28' } as const;
export type Revision = (typeof revisions)[keyof typeof revisions];

/** The server scenarios that count for a revision, as the suite's own frozen list names them. */
export const scoredScenarios = (revision: Revision): ReadonlySet<string> => {
  const suite = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
  const file = new URL(`requirements/${revision}.yaml`, `file://${suite}`);
  const { server } = parse(readFileSync(file, 'utf8')) as { server: string[] };
  return new Set(server);
};
