import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rows } from '../../../src/sinks/analytics/analytics.js';
import { CallStore } from '../../../src/sinks/analytics/callStore.js';
import { recordsText } from '../../../src/sinks/analytics/recordsText.js';
import type { Asked, StoreNotice, StoreOptions } from '../../../src/sinks/analytics/storeMessages.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';

const MiB = 1024 * 1024;

/** A folder for a test; `remove` takes it away. */
export const folder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'sluice-analytics-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** What stores in tests are opened with. */
export const storeOptions = (path: string, options: Partial<StoreOptions> = {}): StoreOptions => ({
  path,
  isReadOnly: false,
  retentionDays: 90,
  maxBytes: 1024 * MiB,
  memoryBytes: 256 * MiB,
  threads: 2,
  spillBytes: 64 * MiB,
  waitMs: 0,
  ...options,
});

/** An open store in this process, and what can be done with it. */
export const storeIn = async (path: string, options: Partial<StoreOptions> = {}) => {
  const notices: StoreNotice[] = [];
  const store = await CallStore.open(storeOptions(path, options), (notice) => notices.push(notice));
  const ask = async (question: Asked['question'], tenant?: string, bounds: Partial<Asked> = {}) =>
    (await store.ask({
      question,
      tenant,
      timeoutMs: 10_000,
      maxRows: 1000,
      maxBytes: 10 * MiB,
      format: undefined,
      ...bounds,
    })) as Rows;
  return {
    store,
    notices,
    ask,
    add: (records: readonly CallRecord[], again = false) =>
      store.append(recordsText(records), records[0]?.id ?? '', again),
    /** The only cell of an answer. */
    one: async (sql: string, tenant?: string) => (await ask({ sql }, tenant)).rows[0]?.[0],
  };
};
