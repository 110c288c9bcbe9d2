import { Command, CommanderError } from 'commander';
import { addAnalytics } from './analytics.js';
import { addAudit } from './audit.js';
import { addAuthorize } from './authorize.js';
import { addCall } from './call.js';
import { addCheck } from './check.js';
import { exitCodes, type CliError } from './cliError.js';
import { addExplain } from './explain.js';
import { addKeys } from './keys.js';
import { addPin } from './pin.js';
import { addPolicy } from './policy.js';
import { addPrompts } from './prompts.js';
import { addRecord } from './record.js';
import { addReplay } from './replay.js';
import { addResources } from './resources.js';
import { addStart } from './start.js';
import { addStdio } from './stdio.js';
import { coloursOf, version, type Terminal } from './terminal.js';
import { addTools } from './tools.js';
import { addWorker } from './worker.js';

const examples = `
Examples:
  $ sluice start -c gateway.yaml           start the gateway
  $ sluice check -c gateway.yaml           say what is wrong with a configuration
  $ sluice tools                           list the tools of the running gateway
  $ sluice call orders_get '{"id":"1001"}' call one of them
  $ sluice stdio                           serve one local client on stdin and stdout
  $ sluice authorize crm                   let the gateway use a server that wants OAuth tokens
  $ sluice keys create --user ann          make an API key
  $ sluice pin                             approve the tools of all servers, and show what has changed since
  $ sluice analytics report tools          which tools are called, how often, by how many
  $ sluice explain --tool X --as ann       say what would become of a call, and why
  $ sluice policy test cases.ndjson       ask the policies about some calls
  $ sluice record --to recordings          start the gateway and record what passes
  $ sluice replay recordings --to URL      make the same calls again, and compare

Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted.`;

/** Builds the command line; parsing it runs the command it names. */
const program = (terminal: Terminal): Command => {
  const root = new Command('sluice')
    .description('A reactive MCP gateway: one endpoint in front of many REST services and MCP servers.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples)
    .showHelpAfterError('Add --help to see what is possible.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns ?? 100,
      getOutHasColors: () => terminal.stdout.isTTY === true,
      getErrHasColors: () => terminal.stderr.isTTY === true,
    });
  for (const add of [
    addStart,
    addCheck,
    addTools,
    addCall,
    addResources,
    addPrompts,
    addStdio,
    addAuthorize,
    addAnalytics,
    addAudit,
    addExplain,
    addPin,
    addPolicy,
    addRecord,
    addReplay,
    addWorker,
    addKeys,
  ])
    add(root, terminal).version(version, '-V, --version', 'print the version');
  return root;
};

/**
 * Runs one command line.
 *
 * @param args what follows `sluice`
 * @param terminal what the command reads and writes
 * @returns the exit code; problems have been explained on stderr
 */
export const run = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!isCliError(error)) throw error;
    explain(error, terminal);
    return error.exitCode;
  }
};

/** By its name: a command that is loaded when it is needed may come with a class of its own. */
const isCliError = (error: unknown): error is CliError => error instanceof Error && error.name === 'CliError';

const explain = (error: CliError, terminal: Terminal): void => {
  const { red } = coloursOf(terminal.stderr, terminal.env);
  if (error.message !== '') terminal.stderr.write(`${red('error:')} ${error.message}\n`);
  for (const line of error.remedy) terminal.stderr.write(`  ${line}\n`);
};
