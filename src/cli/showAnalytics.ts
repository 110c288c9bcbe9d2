import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Cell, ExportFormat, Question, Rows } from '../sinks/analytics/analytics.js';
import { AnalyticsError } from '../sinks/analytics/analyticsError.js';
import { withAnalytics, type AnalyticsSource, type Answering } from './analyticsSource.js';
import { CliError, exitCodes } from './cliError.js';
import { escaped } from './escaped.js';
import { table } from './table.js';
import { coloursOf, type Terminal } from './terminal.js';

export interface AnalyticsFlags {
  readonly config: string;
  readonly format: ExportFormat | 'table';
  readonly out?: string;
}

/** Asks, and writes the answer where it is wanted. @throws CliError */
export const showAnalytics = async (
  question: Question,
  { format, out }: AnalyticsFlags,
  source: AnalyticsSource,
  terminal: Terminal,
): Promise<void> => {
  if (format === 'parquet' && out === undefined && terminal.stdout.isTTY === true)
    throw new CliError('Parquet is nothing to look at', {
      exitCode: exitCodes.usage,
      remedy: ['Name a file: --out answer.parquet'],
    });
  try {
    await withAnalytics(source, terminal, (answering) =>
      format === 'table'
        ? asTable(answering, question, out, terminal)
        : asFile(answering, question, format, out, terminal),
    );
  } catch (error) {
    throw error instanceof AnalyticsError ? new CliError(error.message, { cause: error }) : error;
  }
};

const asTable = async (
  answering: Answering,
  question: Question,
  out: string | undefined,
  terminal: Terminal,
): Promise<void> => {
  const { columns, rows, truncated }: Rows = await answering.ask(question);
  const screen =
    out === undefined ? terminal.stdout : createWriteStream(resolve(terminal.cwd, out), { mode: 0o600 });
  const names = columns.map(({ name }) => name);
  const text = `${table(
    names,
    rows.map((row) => row.map(told)),
    screen,
    terminal.env,
  )}\n`;
  if (out === undefined) screen.write(text);
  else await pipeline([text], screen);
  tell(rows.length, truncated, terminal);
};

const asFile = async (
  answering: Answering,
  question: Question,
  format: ExportFormat,
  out: string | undefined,
  terminal: Terminal,
): Promise<void> => {
  const { content, truncated } = await answering.export(question, format);
  if (out === undefined) for await (const piece of content) terminal.stdout.write(piece as Buffer);
  else await pipeline(content, createWriteStream(resolve(terminal.cwd, out), { mode: 0o600 }));
  if (truncated) tell(undefined, true, terminal);
};

/** On stderr, so that `| wc -l` counts rows. */
const tell = (rows: number | undefined, truncated: boolean, { stderr, env }: Terminal): void => {
  const { dim, yellow } = coloursOf(stderr, env);
  if (rows !== undefined) stderr.write(dim(`${rows} ${rows === 1 ? 'row' : 'rows'}\n`));
  if (truncated) stderr.write(yellow('There is more: see `analytics.query.max_rows`, or ask about less.\n'));
};

/** Names come from servers and clients: what steers a terminal is written out. */
const told = (cell: Cell): string =>
  cell === null ? '' : escaped(typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
