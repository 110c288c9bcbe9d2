/** docs/analytics.md has every column and every report, as they are. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { callColumns } from '../../src/sinks/analytics/callColumns.js';
import { reports } from '../../src/sinks/analytics/reports.js';

describe('docs/analytics.md', () => {
  const rows = readFileSync(new URL('../../docs/analytics.md', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));

  for (const { name, type, about } of callColumns)
    it(`has the column ${name}`, () =>
      assert.ok(
        rows.some(
          ([, first, second, third]) => first === `\`${name}\`` && second === type && third === about,
        ),
      ));

  for (const { name } of reports)
    it(`has the report ${name}`, () => assert.ok(rows.some(([, first]) => first === `\`${name}\``)));
});
