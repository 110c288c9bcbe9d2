import Table from 'cli-table3';
import { coloursOf, type Screen, type Terminal } from './terminal.js';

const chars = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/**
 * A table without lines, as text without a line break at its end.
 *
 * On a terminal the last column is cut to the width of the screen; in a pipe nothing is cut and nothing is coloured.
 *
 * @param screen the stream it will be written to
 */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  screen: Terminal['stdout'],
  env: Terminal['env'],
): string => {
  const { bold } = coloursOf(screen, env);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const room = screen.isTTY === true ? Math.max(20, widthOf(screen) - before) : Infinity;
  const drawn = new Table({ chars, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  drawn.push(head.map((title) => bold(title)));
  for (const row of rows)
    drawn.push(row.map((cell, column) => (column < row.length - 1 ? cell : cut(cell, room))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

const cut = (text: string, room: number): string =>
  text.length <= room ? text : `${text.slice(0, room - 1)}…`;

/** A pseudo-terminal without a size says 0. */
const widthOf = ({ columns }: Screen): number => (columns === undefined || columns === 0 ? 80 : columns);
