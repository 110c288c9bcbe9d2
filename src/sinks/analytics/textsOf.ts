import type { DuckDBConnection } from '@duckdb/node-api';

/** The first column of what a statement of ours gives, as texts. */
export const textsOf = async (
  connection: DuckDBConnection,
  sql: string,
  values: readonly string[] = [],
): Promise<readonly string[]> => {
  const reader = await connection.runAndReadAll(sql, [...values]);
  return reader.getRowsJson().map(([first]) => (typeof first === 'string' ? first : ''));
};
