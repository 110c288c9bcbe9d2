import { revisions, type Revision } from '../requirements.js';

/** What the suite tells the client it runs: one scenario, and where the server for it listens. */
export interface Order {
  readonly scenario: string;
  readonly revision: Revision;
  /** The suite's server, e.g. `http://localhost:49152/mcp`. */
  readonly url: string;
  /** What the scenario adds: calls to make, credentials to use. */
  readonly context: Readonly<Record<string, unknown>>;
}

const record = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) throw new TypeError('an order is an object');
  return value as Readonly<Record<string, unknown>>;
};

/** Reads an order as `command.mjs` sends it: the suite's environment variables and the last argument. */
export const order = (json: string): Order => {
  const { scenario, revision, url, context } = record(JSON.parse(json));
  const known = Object.values(revisions).find((candidate) => candidate === revision);
  if (typeof scenario !== 'string' || typeof url !== 'string' || known === undefined)
    throw new TypeError('an order names a scenario, a revision and a URL');
  return {
    scenario,
    revision: known,
    url,
    context: typeof context === 'string' ? record(JSON.parse(context)) : {},
  };
};
