import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { callColumns } from './callColumns.js';

/** Some records as the JSON array that the store takes. */
export const rowText = (records: readonly CallRecord[]): string =>
  wellFormed(
    JSON.stringify(
      records.map((record) => Object.fromEntries(callColumns.map(({ name, of }) => [name, of(record)]))),
    ),
  );

/** JSON may escape halves of characters, which the store refuses; clients can send them in names. */
const wellFormed = (json: string): string =>
  json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, String.raw`$1\ufffd`);
