import type { CallRecord } from '../../protocol/audit/callRecord.js';

/** Filters by their names in a query, and what of a record they are about. */
const fields = {
  user: ({ who }) => who?.user,
  client: ({ who }) => who?.client,
  tenant: ({ who }) => who?.tenant,
  tool: ({ target }) => target,
  server: ({ server }) => server,
  outcome: ({ outcome }) => outcome,
  address: ({ address }) => address,
  session: ({ session }) => session,
} as const satisfies Record<string, (record: CallRecord) => string | undefined>;

export type CallField = keyof typeof fields;

/** What a record says of one of the fields that calls can be found and grouped by. */
export const callField = (field: CallField): ((record: CallRecord) => string | undefined) => fields[field];

/** The names of all of them. */
export const callFields = Object.keys(fields) as readonly CallField[];
