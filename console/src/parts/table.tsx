import type { ComponentChildren } from 'preact';

/** A column: what it is called, and what it shows of a row. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** To the right, in figures of one width. */
  readonly numeric?: boolean;
  /** Left out where there is little room. */
  readonly wideOnly?: boolean;
}

interface TableProps<Row> {
  /** Says what the table is of, to those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** A table whose first column names the row. It scrolls by itself where it is wider than its place, with the keyboard too. */
export const Table = <Row,>({ caption, columns, rows, keyOf }: TableProps<Row>) => (
  <div class="table-scroll" role="group" aria-label={caption} tabIndex={0}>
    <table>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.name} scope="col" class={classOf(column)}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column, index) =>
              index === 0 ? (
                <th key={column.name} scope="row" class={classOf(column)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.name} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const classOf = <Row,>({ numeric = false, wideOnly = false }: Column<Row>): string =>
  [numeric ? 'numeric' : '', wideOnly ? 'wide-only' : ''].filter(Boolean).join(' ');
