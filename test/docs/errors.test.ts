import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorTable } from '../../src/protocol/errors.js';

describe('docs/errors.md', () => {
  const rows = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

  for (const [code, { rpc, http, outcome }] of Object.entries(errorTable))
    it(`says what ${code} means`, () => {
      const row = rows.find((cells) => cells[1] === code);
      assert.deepEqual(row?.slice(2, 5), [String(rpc), String(http), outcome]);
    });
});
