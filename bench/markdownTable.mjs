/**
 * Rows of text, the titles first, as a Markdown table that is aligned for the terminal too.
 *
 * @param {string[][]} rows
 * @param {(column: number) => boolean} isText which columns are words; the others are figures
 */
export const markdownTable = (rows, isText) => {
  const widths = rows[0].map((_, n) => Math.max(...rows.map((row) => row[n].length)));
  const line = (texts) =>
    `| ${texts.map((text, n) => (isText(n) ? text.padEnd(widths[n]) : text.padStart(widths[n]))).join(' | ')} |`;
  const rule = `|${widths.map((width, n) => (isText(n) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
};
