import type { CallRecord } from '../../protocol/audit/callRecord.js';

/** Some records as the JSON array that the store takes. */
export const recordsText = (records: readonly CallRecord[]): string =>
  wellFormed(JSON.stringify(records.map(kept)));

/** What the table has no place for would only be written and read. */
const kept = (record: CallRecord): CallRecord => ({
  ...record,
  arguments: undefined,
  stages: undefined,
  tried: undefined,
});

/** JSON may escape halves of characters, which the store refuses; clients can send them in names. */
const wellFormed = (json: string): string =>
  json.includes(String.raw`\ud`)
    ? json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, String.raw`$1\ufffd`)
    : json;
