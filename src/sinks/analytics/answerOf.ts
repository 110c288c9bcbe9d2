import type { DuckDBConnection } from '@duckdb/node-api';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell, ExportFormat, Rows } from './analytics.js';
import { AnalyticsError } from './analyticsError.js';
import { cellsOf } from './cellsOf.js';
import { checkedSql } from './checkedSql.js';
import { literal } from './literal.js';
import { reportQuery } from './reportQuery.js';
import type { Asked, ExportedFile } from './storeMessages.js';
import type { Turns } from './turns.js';

export interface AnswerOptions {
  readonly connect: () => Promise<DuckDBConnection>;
  /** Names of tables and views that nobody may ask. */
  readonly taken: ReadonlySet<string>;
  /** The files of the days that are over. */
  readonly paths: () => readonly string[];
  /** Held while days move. */
  readonly turns: Turns;
  readonly folder: string;
}

/**
 * Answers a question, on a connection of its own that sees one table: the view `calls`, of the tenant's rows for who belongs to one.
 *
 * @throws AnalyticsError
 */
export const answerOf = async (asked: Asked, options: AnswerOptions): Promise<Rows | ExportedFile> => {
  const { question, tenant, timeoutMs, format } = asked;
  const connection = await options.connect();
  const late = { yes: false };
  const timer = setTimeout(() => {
    late.yes = true;
    connection.interrupt();
  }, timeoutMs);
  try {
    const query =
      'sql' in question
        ? { sql: question.sql, variables: {} }
        : reportQuery(question.report, question.parameters ?? {}, Date.now());
    const sql = await checkedSql(connection, query.sql, options.taken);
    await connection.run('SET VARIABLE viewer = $1', [tenant ?? null]);
    for (const [name, value] of Object.entries(query.variables))
      await connection.run(`SET VARIABLE ${name} = $1`, [value]);
    await options.turns.take(async () => {
      await connection.run('BEGIN');
      await connection.run(viewOf(options.paths(), tenant !== undefined));
    });
    return format === undefined
      ? await rowsOf(connection, sql, asked)
      : await exported(connection, sql, asked, format, options.folder);
  } catch (error) {
    if (late.yes)
      throw new AnalyticsError(
        'ERR_QUERY_TIMEOUT',
        `No answer within ${timeoutMs / 1000} s: ask about less time, or fewer columns`,
      );
    throw told(error, options.folder);
  } finally {
    clearTimeout(timer);
    connection.closeSync();
  }
};

/** The table `calls`: the running day and the files. Its restriction to a tenant stands in it, not in what is asked. */
const viewOf = (paths: readonly string[], isRestricted: boolean): string => {
  const rows =
    paths.length === 0
      ? 'FROM lake.rows'
      : `FROM lake.rows UNION ALL BY NAME FROM read_parquet([${paths.map(literal).join(', ')}], union_by_name = true, hive_partitioning = false)`;
  const restriction = isRestricted ? "WHERE tenant = getvariable('viewer')::VARCHAR" : '';
  return `CREATE TEMP VIEW calls AS SELECT * FROM (${rows}) ${restriction}`;
};

const rowsOf = async (
  connection: DuckDBConnection,
  sql: string,
  { maxRows, maxBytes }: Asked,
): Promise<Rows> => {
  const reader = await connection.streamAndReadUntil(sql, chunk);
  const types = reader.columnTypes().map(String);
  const rows: (readonly Cell[])[] = [];
  let bytes = 0;
  for (;;) {
    const more = reader.getRowsJson().slice(rows.length) as unknown as readonly (readonly Cell[])[];
    for (const row of more) {
      const cells = cellsOf(row, types);
      bytes += JSON.stringify(cells).length;
      if (rows.length >= maxRows || bytes > maxBytes)
        return { columns: columnsOf(reader.columnNames(), types), rows, truncated: true };
      rows.push(cells);
    }
    if (reader.done) return { columns: columnsOf(reader.columnNames(), types), rows, truncated: false };
    await reader.readUntil(rows.length + chunk);
  }
};

/** Rows that DuckDB gives at once. */
const chunk = 2048;

const columnsOf = (names: readonly string[], types: readonly string[]): Rows['columns'] =>
  names.map((name, index) => ({ name, type: types[index] ?? '' }));

const formats: Readonly<Record<ExportFormat, string>> = {
  csv: 'FORMAT csv, HEADER',
  json: 'FORMAT json, ARRAY true',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

const exported = async (
  connection: DuckDBConnection,
  sql: string,
  { maxRows }: Asked,
  format: ExportFormat,
  folder: string,
): Promise<ExportedFile> => {
  const path = join(folder, 'tmp', `${randomUUID()}.${format}`);
  try {
    const result = await connection.run(
      `COPY (SELECT * FROM (${sql}) AS answer LIMIT ${maxRows}) TO ${literal(path)} (${formats[format]})`,
    );
    return { path, rows: result.rowsChanged, truncated: result.rowsChanged >= maxRows };
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
};

/** What DuckDB says is for who wrote the statement, but for where files are. */
const told = (error: unknown, folder: string): AnalyticsError => {
  if (error instanceof AnalyticsError) return error;
  const message = (error as Error).message.replaceAll(folder, 'analytics');
  return /^Out of Memory/i.test(message)
    ? new AnalyticsError(
        'ERR_QUERY_TOO_LARGE',
        'The answer needs more memory than analytics.query.memory: ask about less time, or fewer columns',
      )
    : new AnalyticsError('ERR_QUERY_INVALID', message);
};
