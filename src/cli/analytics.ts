import { InvalidArgumentError, Option, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Question } from '../sinks/analytics/analytics.js';
import type { ReportParameters } from '../sinks/analytics/reportParameters.js';
import { filters, reports } from '../sinks/analytics/reports.js';
import type { AnalyticsSource } from './analyticsSource.js';
import { CliError, exitCodes } from './cliError.js';
import { showAnalytics, type AnalyticsFlags } from './showAnalytics.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice analytics "SELECT tool, count(*) FROM calls GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
  $ sluice analytics report usage --from 7d
  $ sluice analytics report who-called --tool send_email --from 2026-11-20 --to 2026-11-21
  $ sluice analytics report tools --format parquet --out tools.parquet

Reports:
${reports.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n')}

Reads the files of the configuration's \`analytics.path\`. While a gateway has them it is asked instead, over its admin listener: put the
admin key into SLUICE_ADMIN_KEY, or name a file with --key-file.`;

/** Adds `sluice analytics`: asks about past calls. */
export const addAnalytics = (program: Command, terminal: Terminal): Command => {
  const command = program.command('analytics').description('ask about past calls, in SQL or by reports');
  const show = async (question: Question): Promise<void> => {
    const { adminUrl, keyFile, ...flags } = command.opts<
      AnalyticsFlags & Omit<AnalyticsSource, 'key'> & { readonly keyFile?: string }
    >();
    const key =
      keyFile === undefined ? terminal.env['SLUICE_ADMIN_KEY'] : readKey(resolve(terminal.cwd, keyFile));
    await showAnalytics(
      question,
      flags,
      { ...flags, ...(adminUrl !== undefined && { adminUrl }), key },
      terminal,
    );
  };
  command
    .argument('[sql]', 'one SELECT over the table `calls`; `DESCRIBE calls` shows its columns')
    .option('-c, --config <file>', 'the configuration that says where the calls are', 'gateway.yaml')
    .addOption(
      new Option('--admin-url <url>', 'ask the gateway with this admin listener').env('SLUICE_ADMIN_URL'),
    )
    .option('--key-file <file>', 'a file with the admin key')
    .addOption(
      new Option('--format <format>', 'how the answer is written')
        .choices(['table', 'csv', 'json', 'parquet'])
        .default('table'),
    )
    .option('-o, --out <file>', 'write the answer into a file')
    .addHelpText('after', help)
    .action(async (sql: string | undefined) => {
      if (sql === undefined)
        throw new CliError('What shall be asked?', {
          exitCode: exitCodes.usage,
          remedy: ['sluice analytics "FROM calls LIMIT 10"', 'sluice analytics report tools'],
        });
      await show({ sql });
    });
  const report = command
    .command('report <name>')
    .description('one of the reports')
    .option('--from <time>', 'ISO 8601, or how long ago: 24h, 7d (default: a day)')
    .option('--to <time>', 'the same (default: now)')
    .option('--limit <rows>', 'rows at most', asCount);
  for (const name of Object.keys(filters))
    report.option(
      `--${name === 'of_tenant' ? 'tenant' : name} <name>`,
      `only calls of this ${name.replace('of_', '')}`,
    );
  report.action((name: string, { tenant, ...parameters }: ReportParameters & { readonly tenant?: string }) =>
    show({ report: name, parameters: { ...parameters, ...(tenant !== undefined && { of_tenant: tenant }) } }),
  );
  return command;
};

const asCount = (text: string): number => {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It is a number from 1.');
  return count;
};

const readKey = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CliError(`The key file ${file} can not be read: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    });
  }
};
