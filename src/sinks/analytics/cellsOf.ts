import type { Cell } from './analytics.js';

/** A row as DuckDB gives it in JSON, with numbers as numbers where they fit, and times in ISO 8601. */
export const cellsOf = (row: readonly Cell[], types: readonly string[]): readonly Cell[] =>
  row.map((cell, index) => (typeof cell === 'string' ? cellOf(cell, types[index] ?? '') : cell));

const cellOf = (text: string, type: string): Cell => {
  if (/^(U?(BIG|HUGE)INT|DECIMAL.*)$/.test(type))
    return Math.abs(Number(text)) <= Number.MAX_SAFE_INTEGER ? Number(text) : text;
  // Times without a zone are in UTC here.
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(type) && text.includes(' ')) return `${text.replace(' ', 'T')}Z`;
  return text;
};
