import type { DuckDBConnection } from '@duckdb/node-api';
import { AnalyticsError } from './analyticsError.js';

type Node = Readonly<Record<string, unknown>>;

/** Tables, and what makes one: what is none of these is refused. */
const sources = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'EXPRESSION_LIST',
  'EMPTY',
  'TABLE_FUNCTION',
  'PIVOT',
  'SHOW_REF',
]);
/** What else a question is made of, as DuckDB's parser names it. */
const parts = new Set([
  'SELECT_NODE',
  'SET_OPERATION_NODE',
  'RECURSIVE_CTE_NODE',
  'CTE_NODE',
  'LIMIT_MODIFIER',
  'LIMIT_PERCENT_MODIFIER',
  'ORDER_MODIFIER',
  'DISTINCT_MODIFIER',
  'ORDER_DEFAULT',
  'ASCENDING',
  'DESCENDING',
]);
const tableFunctions = new Set(['range', 'generate_series', 'unnest', 'repeat_row']);
/** They take SQL, read what is none of the caller's business, change something, just wait, or make gigabytes of one word. */
const forbiddenFunctions = new Set([
  'add_parquet_key',
  'array_resize',
  'current_setting',
  'format',
  'getenv',
  'json_deserialize_sql',
  'json_execute_serialized_sql',
  'json_serialize_plan',
  'json_serialize_sql',
  'list_resize',
  'lpad',
  'nextval',
  'currval',
  'pg_sleep',
  'printf',
  'query',
  'query_table',
  'repeat',
  'rpad',
  'setseed',
  'sleep_ms',
  'write_log',
]);
const simpleName = /^[a-z_][a-z0-9_]{0,63}$/i;

/** Longer ones are no questions, and deep ones cost more to look at than to answer. */
const maxLength = 20_000;
const maxDepth = 200;

/**
 * Lets a statement through that is one SELECT over `calls`, and what it makes of that itself. It is judged as DuckDB's parser has read it,
 * and what is run is written anew from that: what was not seen here is not there.
 *
 * @param taken names of tables and views that are there besides: no part of a statement may be called so
 * @returns the statement to run
 * @throws AnalyticsError `ERR_QUERY_INVALID`
 */
export const checkedSql = async (
  connection: DuckDBConnection,
  sql: string,
  taken: ReadonlySet<string>,
): Promise<string> => {
  if (sql.length > maxLength) throw invalid(`The statement is longer than ${maxLength} characters`);
  const text = await oneValue(connection, 'SELECT json_serialize_sql($1::VARCHAR)', sql);
  const parsed = JSON.parse(text) as {
    readonly error: boolean;
    readonly error_type?: string;
    readonly error_message?: string;
    readonly statements?: readonly unknown[];
  };
  if (parsed.error)
    throw invalid(
      parsed.error_type === 'not implemented'
        ? 'Only a SELECT can be asked'
        : (parsed.error_message ?? 'The statement can not be read'),
    );
  if (parsed.statements?.length !== 1) throw invalid('Ask one statement at a time');
  inspect(parsed.statements[0], new Set(['calls', ...namesIn(parsed.statements[0], taken, 0)]), 0);
  return oneValue(connection, 'SELECT json_deserialize_sql($1::VARCHAR::JSON)', text);
};

const oneValue = async (connection: DuckDBConnection, sql: string, value: string): Promise<string> => {
  const reader = await connection.runAndReadAll(sql, [value]);
  return String(reader.value(0, 0));
};

/**
 * The names that parts of a statement are given (`WITH x AS …`). None is that of a table or a view, and none could be a file's: so where
 * such a name does not mean the part, it means nothing.
 */
const namesIn = (value: unknown, taken: ReadonlySet<string>, depth: number): readonly string[] => {
  if (depth > maxDepth) throw invalid('The statement is nested too deeply');
  if (Array.isArray(value)) return value.flatMap((item) => namesIn(item, taken, depth + 1));
  if (!isNode(value)) return [];
  const names = [
    ...entriesOf(value['cte_map']),
    ...(typeof value['cte_name'] === 'string' ? [value['cte_name']] : []),
  ].map(String);
  for (const name of names)
    if (!simpleName.test(name) || taken.has(name.toLowerCase()))
      throw invalid(`No part of the statement can be called ${JSON.stringify(name)}`);
  return [...names, ...Object.values(value).flatMap((item) => namesIn(item, taken, depth + 1))].map((name) =>
    name.toLowerCase(),
  );
};

const entriesOf = (map: unknown): readonly unknown[] =>
  isNode(map) && Array.isArray(map['map'])
    ? map['map'].map((entry) => (isNode(entry) ? entry['key'] : undefined))
    : [];

const inspect = (value: unknown, names: ReadonlySet<string>, depth: number): void => {
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, names, depth + 1);
    return;
  }
  if (!isNode(value)) return;
  judge(value, names);
  for (const item of Object.values(value)) inspect(item, names, depth + 1);
};

const judge = (node: Node, names: ReadonlySet<string>): void => {
  const { type, function_name: called } = node;
  if (typeof called === 'string' && forbiddenFunctions.has(called.toLowerCase()))
    throw invalid(`The function ${called} is not to be had here`);
  // Expressions have a class; the tables in them are looked at by themselves.
  if (typeof type !== 'string' || 'class' in node) return;
  if (sources.has(type)) judgeSource(type, node, names);
  else if (!parts.has(type) && !type.endsWith('_TYPE_INFO'))
    throw invalid('This kind of statement can not be asked');
};

const judgeSource = (type: string, node: Node, names: ReadonlySet<string>): void => {
  if (type === 'BASE_TABLE') {
    const { table_name: name, schema_name: schema, catalog_name: catalog } = node;
    if (schema !== '' || catalog !== '' || !names.has(String(name).toLowerCase()))
      throw invalid(`There is no table ${JSON.stringify(String(name).slice(0, 80))}: ask \`calls\``);
  }
  if (type === 'SHOW_REF' && (!isNode(node['query']) || node['table_name'] !== ''))
    throw invalid('Only `DESCRIBE calls` and `SUMMARIZE calls` can be shown');
  if (type === 'TABLE_FUNCTION') {
    const called = isNode(node['function']) ? String(node['function']['function_name']) : '';
    if (!tableFunctions.has(called.toLowerCase()))
      throw invalid(`The table function ${called} is not to be had here`);
  }
};

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const invalid = (message: string): AnalyticsError => new AnalyticsError('ERR_QUERY_INVALID', message);
