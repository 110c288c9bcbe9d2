import type { Command } from 'commander';
import type { Settings } from '../config/settings.js';
import { CliError } from './cliError.js';
import type { ConfigReading } from './configReading.js';
import { readConfig } from './readConfig.js';
import { coloursOf, type Terminal } from './terminal.js';
import { triedPipeline } from './triedPipeline.js';

interface CheckFlags {
  readonly config: string;
  readonly json?: boolean;
}

const help = `
Examples:
  $ sluice check                     look at ./gateway.yaml
  $ sluice check -c prod.yaml        another file
  $ sluice check -c prod.yaml --json for scripts

Exit codes: 0 the file is good, 1 it is not.`;

/** Adds `sluice check`: says what is wrong with a configuration, all at once, each with its place and remedy. */
export const addCheck = (program: Command, terminal: Terminal): Command =>
  program
    .command('check')
    .description('say what is wrong with a configuration file, where, and what to do about it')
    .option('-c, --config <file>', 'the configuration file', 'gateway.yaml')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action((flags: CheckFlags) => check(flags, terminal));

const check = async (flags: CheckFlags, terminal: Terminal): Promise<void> => {
  const reading = await triedPipeline(readConfig(flags.config, terminal), flags.config, terminal);
  if (flags.json === true) terminal.stdout.write(`${JSON.stringify(asJson(reading))}\n`);
  else if (reading.settings !== undefined) writeSummary(reading.file, reading.settings, terminal);
  if (reading.settings !== undefined) return;
  // With --json the answer has been given on stdout; only the exit code is left to say.
  throw new CliError(flags.json === true ? '' : reading.text, {
    remedy: flags.json === true ? [] : [reading.count],
  });
};

const asJson = (reading: ConfigReading): unknown =>
  reading.settings === undefined
    ? { valid: false, diagnostics: reading.diagnostics }
    : {
        valid: true,
        servers: reading.settings.servers.map(({ name, type }) => ({ name, type })),
        namespaces: reading.settings.namespaces.map(({ name, servers }) => ({ name, servers })),
        inactive: reading.settings.inactive,
        notes: reading.settings.notes ?? [],
      };

const writeSummary = (file: string, settings: Settings, terminal: Terminal): void => {
  const { bold, dim, green, yellow } = coloursOf(terminal.stdout, terminal.env);
  const lines = [`${green('ok')} ${file}`, '', bold(`Servers (${settings.servers.length})`)];
  const width = Math.max(0, ...settings.servers.map(({ name }) => name.length));
  for (const server of settings.servers)
    lines.push(`  ${server.name.padEnd(width)}  ${server.type.padEnd(5)}  ${dim(target(server))}`);
  if (settings.namespaces.length > 0) {
    lines.push('', bold(`Namespaces (${settings.namespaces.length})`));
    for (const { name, servers } of settings.namespaces)
      lines.push(`  ${settings.listen.path}/${name}  ${dim(servers.join(', '))}`);
  }
  if (settings.inactive.length > 0) {
    lines.push('', bold(`Understood, but not active yet (${settings.inactive.length})`));
    for (const { line, column, path, message, unsafe } of settings.inactive) {
      const mark = unsafe ? yellow('protects: ') : '';
      lines.push(`  ${file}:${line}:${column}: ${path}: ${mark}${message}`);
    }
    if (settings.inactive.some(({ unsafe }) => unsafe))
      lines.push('', '`sluice start` refuses this file without --allow-inactive: see `sluice start --help`.');
  }
  const { notes = [] } = settings;
  if (notes.length > 0) {
    lines.push('', bold(`To be looked at (${notes.length})`));
    for (const { line, column, path, message } of notes)
      lines.push(`  ${file}:${line}:${column}: ${path}: ${message}`);
  }
  terminal.stdout.write(`${lines.join('\n')}\n`);
};

/** Where a server is, without what may be secret in it: parameters of a URL, arguments of a command but for what it runs. */
const target = (server: Settings['servers'][number]): string => {
  if (server.type === 'stdio') {
    const { command, args } = server;
    const shown = args.slice(0, args[0]?.startsWith('-') === false ? 1 : 0);
    return [command, ...shown, ...(args.length > shown.length ? ['…'] : [])].join(' ');
  }
  const urls = server.urls.map((url) => url.replace(/\?.*$/, '?…'));
  if (server.type === 'rest' && server.openapi !== undefined)
    return [...urls, `(${server.openapi.replace(/\?.*$/, '?…')})`].join(', ');
  return urls.join(', ');
};
