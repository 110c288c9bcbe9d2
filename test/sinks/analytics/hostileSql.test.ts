import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordOf } from './recordOf.js';
import { folder, storeIn } from './storeIn.js';

const yesterday = new Date(Date.now() - 24 * 3_600_000).toISOString();

describe('security: SQL asked of analytics', () => {
  let place: ReturnType<typeof folder>;
  let opened: Awaited<ReturnType<typeof storeIn>>;
  before(async () => {
    place = folder();
    opened = await storeIn(place.path);
    await opened.add(
      ['red', 'blue', undefined].flatMap((tenant) => [
        recordOf({ target: `tool_of_${tenant}` }, { tenant }),
        recordOf({ target: `tool_of_${tenant}`, time: yesterday }, { tenant }),
      ]),
    );
    await opened.store.tidy(Date.now());
    writeFileSync(join(place.path, 'secret.csv'), 'secret\n');
  });
  after(() => {
    opened.store.close();
    place.remove();
  });

  const file = () => join(place.path, `calls-${yesterday.slice(0, 10)}.parquet`);

  /** Statements that are refused, `FILE` standing for a file that is there. */
  const refused = [
    // What is no question.
    '',
    ';',
    'nonsense',
    'DELETE FROM calls',
    'INSERT INTO lake.rows SELECT * FROM calls',
    'UPDATE lake.rows SET tenant = NULL',
    'CREATE TABLE x AS FROM calls',
    'CREATE OR REPLACE TEMP VIEW calls AS FROM lake.rows',
    'CREATE MACRO f() AS 1',
    'DROP VIEW calls',
    'ALTER TABLE lake.rows DROP COLUMN tenant',
    "COPY calls TO 'FILE'",
    "COPY (FROM calls) TO '/tmp/stolen.csv'",
    "ATTACH 'FILE' AS other",
    "ATTACH ':memory:' AS other",
    'USE lake',
    "SET VARIABLE viewer = 'blue'",
    'RESET VARIABLE viewer',
    'SET enable_external_access = true',
    'SET lock_configuration = false',
    "PRAGMA memory_limit='10GB'",
    'PRAGMA database_list',
    'INSTALL httpfs',
    'LOAD httpfs',
    'CALL pragma_version()',
    'EXPORT DATABASE FILE',
    'IMPORT DATABASE FILE',
    'CHECKPOINT',
    'BEGIN',
    'COMMIT',
    'ROLLBACK',
    'VACUUM',
    'PREPARE p AS FROM calls',
    'EXECUTE p',
    'EXPLAIN FROM calls',
    'EXPLAIN ANALYZE FROM calls',
    // Gigabytes of one word, outside of what DuckDB counts.
    "SELECT repeat('x', 2000000000)",
    "SELECT 'x'.REPEAT(2000000000)",
    "SELECT lpad('x', 2000000000, 'y')",
    "SELECT rpad('x', 2000000000, 'y')",
    "SELECT printf('%2000000000d', 1)",
    "SELECT format('{:2000000000}', 1)",
    'SELECT list_resize([1], 2000000000)',
    'SELECT array_resize([1], 2000000000)',
    // Two at once.
    'SELECT 1; SELECT 2',
    "SELECT 1; SET VARIABLE viewer = 'blue'",
    // Other tables, however they are called.
    'FROM lake.rows',
    'FROM rows',
    'FROM lake.files',
    'FROM main.calls',
    'FROM temp.calls',
    'FROM memory.lake.rows',
    'FROM calls, lake.rows',
    'SELECT (SELECT count(*) FROM lake.rows)',
    'SELECT * FROM calls WHERE tool IN (FROM lake.rows SELECT tool)',
    'SELECT EXISTS (FROM lake.rows)',
    'FROM calls UNION ALL FROM lake.rows',
    'WITH x AS (FROM lake.rows) FROM x',
    'WITH RECURSIVE x AS (FROM lake.rows UNION ALL FROM x) FROM x',
    'SELECT * FROM (PIVOT lake.rows ON tenant IN (1) USING count(*))',
    'SELECT * FROM calls JOIN lake.rows USING (id)',
    'SELECT * FROM calls, LATERAL (FROM lake.rows)',
    'SELECT list((SELECT id FROM lake.rows LIMIT 1)) FROM calls',
    'SELECT * FROM calls ORDER BY (SELECT max(id) FROM lake.rows)',
    'SELECT * FROM calls LIMIT (SELECT count(*) FROM lake.rows)',
    'SELECT sum(1) OVER (ORDER BY (SELECT max(id) FROM lake.rows)) FROM calls',
    'SELECT list_transform([1], x -> (SELECT max(id) FROM lake.rows))',
    'FROM information_schema.tables',
    'FROM duckdb_settings',
    'FROM pg_class',
    'FROM sqlite_master',
    'DESCRIBE lake.rows',
    'SUMMARIZE lake.rows',
    'SHOW TABLES',
    'SHOW ALL TABLES',
    // Files.
    "FROM 'FILE'",
    'FROM "FILE"',
    "FROM read_parquet('FILE')",
    "FROM parquet_scan('FILE')",
    "FROM read_csv('/etc/passwd')",
    "FROM read_text('/etc/passwd')",
    "FROM read_blob('FILE')",
    "FROM read_json('FILE')",
    "FROM glob('/*')",
    "FROM parquet_metadata('FILE')",
    "FROM sniff_csv('FILE')",
    "FROM read_duckdb('FILE')",
    "FROM 'https://example.com/x.parquet'",
    'WITH x AS (SELECT 1) FROM x, "FILE"',
    // A part of a statement by a name that means a file, or a table, elsewhere.
    'SELECT * FROM (WITH "FILE" AS (SELECT 1) FROM "FILE"), "FILE"',
    'WITH a AS (FROM "FILE"), "FILE" AS (SELECT 1) FROM a',
    'WITH a AS (FROM duckdb_settings), duckdb_settings AS (SELECT 1) FROM a',
    'WITH a AS (FROM rows), rows AS (SELECT 1) FROM a',
    'WITH RECURSIVE "FILE" AS (SELECT 1 UNION ALL FROM "FILE") FROM "FILE"',
    // SQL in SQL.
    "FROM query('FROM lake.rows')",
    "FROM query_table('lake.rows')",
    "FROM query_table(['rows'])",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM lake.rows'))",
    "SELECT json_serialize_plan('FROM lake.rows')",
    "SELECT current_setting('temp_directory')",
    "SELECT getenv('HOME')",
    'FROM duckdb_tables()',
    'FROM duckdb_settings()',
    'FROM duckdb_variables()',
    "FROM pragma_table_info('lake.rows')",
    'FROM duckdb_logs()',
    'FROM enable_logging()',
    'FROM force_checkpoint()',
    "FROM seq_scan('rows')",
    'SELECT pg_sleep(100)',
    'SELECT sleep_ms(100)',
    "SELECT write_log('x')",
    "SELECT nextval('x')",
    // Out of bounds.
    `SELECT ${'(SELECT '.repeat(60)}1${')'.repeat(60)}`,
    `SELECT ${'1 + '.repeat(4000)}1`,
    `SELECT '${'x'.repeat(30_000)}'`,
    'SELECT $1',
    'SELECT ?',
    'SELECT \u0000',
  ];
  for (const statement of refused)
    it(`refuses ${JSON.stringify(statement.slice(0, 70))}`, async () => {
      const sql = statement.replaceAll('FILE', file());
      for (const tenant of [undefined, 'red'])
        await assert.rejects(opened.ask({ sql }, tenant), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'ERR_QUERY_INVALID', error.message);
          assert.ok(statement.includes('FILE') || !error.message.includes(place.path), error.message);
          return true;
        });
    });

  /** Statements that are questions. */
  const answered = [
    'SELECT count(*) FROM calls',
    'FROM calls',
    'TABLE calls',
    'from CALLS select Tool limit 3 -- and a comment',
    'WITH mine AS (FROM calls WHERE tool IS NOT NULL), more AS (FROM mine) SELECT count(*) FROM more',
    'WITH calls AS (FROM calls LIMIT 1) FROM calls',
    'WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t WHERE i < 5) FROM t',
    'SELECT tool, count(*) FILTER (failed), quantile_cont(duration_ms, [0.5, 0.9]) FROM calls GROUP BY ALL ORDER BY 2 DESC LIMIT 5',
    'SELECT time_bucket(INTERVAL 1 HOUR, time), count(*) FROM calls WHERE time > now() - INTERVAL 2 DAY GROUP BY ROLLUP (1)',
    'SELECT *, row_number() OVER (PARTITION BY tool ORDER BY time DESC NULLS LAST) AS n FROM calls QUALIFY n = 1',
    'SELECT * EXCLUDE (roles) REPLACE (upper(tool) AS tool) FROM calls',
    "SELECT COLUMNS('.*id') FROM calls",
    'SELECT unnest(roles), list_transform([1, 2], x -> x + 1), {a: 1}, MAP {1: 2} FROM calls',
    'SELECT * FROM range(3), generate_series(1, 2)',
    'FROM calls SEMI JOIN (VALUES (1)) v(a) ON true',
    'SELECT * FROM (PIVOT calls ON outcome IN (success) USING count(*))',
    'DESCRIBE calls',
    'SUMMARIZE calls',
    "SELECT '1'::DECIMAL(10, 2), '2026-01-01'::DATE, CAST(1 AS STRUCT(a INT)) WHERE false",
    'SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 ORDER BY 1 LIMIT 50%',
    'SELECT * FROM calls TABLESAMPLE 50%',
  ];
  for (const sql of answered)
    it(`answers ${JSON.stringify(sql.slice(0, 70))}`, async () => {
      assert.ok((await opened.ask({ sql })).columns.length > 0);
    });

  it("shows a tenant's own calls alone, today's and those of files", async () => {
    const all = 'SELECT string_agg(DISTINCT tenant, ? ORDER BY tenant), count(*)'.replace('?', "','");
    const { rows } = await opened.ask({ sql: `${all} FROM calls` });
    assert.deepEqual(rows, [['blue,red', 6]]);
    assert.deepEqual((await opened.ask({ sql: `${all} FROM calls` }, 'red')).rows, [['red', 2]]);
    assert.deepEqual(
      (await opened.ask({ sql: `${all} FROM calls WHERE true OR tenant = 'blue'` }, 'red')).rows,
      [['red', 2]],
    );
    const hostile = "red' OR '1'='1";
    assert.deepEqual((await opened.ask({ sql: `${all} FROM calls` }, hostile)).rows, [[null, 0]]);
    assert.deepEqual((await opened.ask({ sql: `${all} FROM calls` }, '')).rows, [[null, 0]]);
    assert.deepEqual(
      (await opened.ask({ report: 'tenants', parameters: { from: '3d' } }, 'red')).rows.map(([name]) => name),
      ['red'],
    );
    assert.deepEqual(
      (await opened.ask({ report: 'tenants', parameters: { from: '3d', of_tenant: 'blue' } }, 'red')).rows,
      [],
    );
  });

  it('takes what a report is told for values', async () => {
    for (const text of [
      "x' OR '1'='1",
      "'; DROP TABLE lake.rows; --",
      '\u0000',
      '\\',
      '$1',
      "getvariable('viewer')",
    ])
      assert.deepEqual(
        (await opened.ask({ report: 'tools', parameters: { from: '3d', tool: text, user: text } })).rows,
        [],
      );
    for (const from of ["1d' OR 1", '2026-11-21; x', 'yesterday', '-1d', '99999999d', ''])
      await assert.rejects(opened.ask({ report: 'tools', parameters: { from } }), {
        code: 'ERR_QUERY_INVALID',
      });
    await assert.rejects(opened.ask({ report: 'constructor' }), { code: 'ERR_REPORT_UNKNOWN' });
    await assert.rejects(opened.ask({ report: 'who-called' }), { code: 'ERR_QUERY_INVALID' });
    await assert.rejects(opened.ask({ report: 'tools', parameters: { limit: NaN } }), {
      code: 'ERR_QUERY_INVALID',
    });
  });

  it('stops what takes too long', async () => {
    const endless = [
      'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b',
      'WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t) SELECT max(i) FROM t',
    ];
    for (const sql of endless)
      await assert.rejects(opened.ask({ sql }, undefined, { timeoutMs: 200 }), { code: 'ERR_QUERY_TIMEOUT' });
  });

  it('gives so many rows, and so many bytes, and no more', async () => {
    const many = await opened.ask({ sql: 'FROM range(1000000)' }, undefined, { maxRows: 5000 });
    assert.equal(many.rows.length, 5000);
    assert.ok(many.truncated);
    const large = await opened.ask(
      { sql: "SELECT string_agg('x', '') FROM range(2000000) GROUP BY range // 100000" },
      undefined,
      {
        maxBytes: 1_000_000,
      },
    );
    assert.ok(large.rows.length < 11 && large.truncated);
  });

  it('says so when there is not enough memory', async () => {
    const sql = `SELECT list(a.range::VARCHAR || '${'x'.repeat(100)}') FROM range(20000000) a`;
    await assert.rejects(opened.ask({ sql }, undefined, { timeoutMs: 60_000 }), {
      code: 'ERR_QUERY_TOO_LARGE',
    });
  });

  it('writes nothing but what is exported, to a folder of its own', () => {
    assert.ok(!existsSync('/tmp/stolen.csv'));
  });
});
