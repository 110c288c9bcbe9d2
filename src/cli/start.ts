import { InvalidArgumentError, Option, type Command } from 'commander';
import { workersOf } from '../config/workersOf.js';
import type { StartFlags } from './serve.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice start                                 with ./gateway.yaml
  $ sluice start -c prod.yaml --port 9000
  $ sluice start -c prod.yaml --log-level debug
  $ sluice start -c prod.yaml --workers auto     one process a core

The file is read again whenever it changes: calls in flight finish as they began, a bad edit is reported and changes nothing.
SIGTERM or Ctrl-C: no new connections, calls in flight may finish, exit 0. A second one: exit at once.

Log lines go to stdout, as JSON when it is not a terminal.`;

/** Adds `sluice start`: runs the gateway until it is told to stop. */
export const addStart = (program: Command, terminal: Terminal): Command =>
  program
    .command('start')
    .description('start the gateway')
    .option('-c, --config <file>', 'the configuration file', 'gateway.yaml')
    .option('--host <address>', 'listen here instead of where the file says')
    .option('-p, --port <port>', 'listen on this port; 0 for any free one', asPort)
    .option('--admin-port <port>', 'health on this port; 0 for any free one', asPort)
    .option('-w, --workers <count>', 'processes to share the work; `auto` for one a core', asWorkers)
    .addOption(
      new Option('--log-level <level>', 'least level to log').choices([
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .option('--allow-inactive', 'start although the file asks for protection that is not built yet')
    .addHelpText('after', help)
    .action(async (flags: StartFlags) => {
      // The gateway and everything it needs is loaded only by the command that runs it: the others answer sooner.
      const { serve } = await import('./serve.js');
      await serve(flags, terminal);
    });

const asPort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It is a number from 0 to 65535.');
  return port;
};

const asWorkers = (text: string): number => {
  const count = text === 'auto' ? workersOf(text) : /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (!(count >= 1 && count <= 1024))
    throw new InvalidArgumentError('It is a number from 1 to 1024, or `auto`.');
  return count;
};
