import { callColumns } from './callColumns.js';

/** What is read of a record, see `CallRecord`; where it says nothing of a name there is null. */
const shape = {
  ...Object.fromEntries(
    callColumns.filter(({ name, sql }) => sql === `r.${name}`).map(({ name, type }) => [name, type]),
  ),
  who: {
    id: 'VARCHAR',
    method: 'VARCHAR',
    user: 'VARCHAR',
    client: 'VARCHAR',
    tenant: 'VARCHAR',
    roles: ['VARCHAR'],
  },
  decision: { allow: 'BOOLEAN', policy: 'VARCHAR' },
  reason: 'VARCHAR',
};

/** The statement that makes rows of the table of records, given as a JSON array: value by value from here would take ten times as long. */
export const insertion =
  `INSERT INTO lake.rows BY NAME SELECT ${callColumns.map(({ name, sql }) => `${sql} AS "${name}"`).join(', ')} ` +
  `FROM (SELECT unnest(from_json($1::JSON, '[${JSON.stringify(shape)}]')) AS r)`;
