import type { Command } from 'commander';
import type { StartFlags } from './serve.js';
import type { Terminal } from './terminal.js';
import { withStartFlags } from './withStartFlags.js';

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
  withStartFlags(program.command('start').description('start the gateway'))
    .addHelpText('after', help)
    .action(async (flags: StartFlags) => {
      // The gateway and everything it needs is loaded only by the command that runs it: the others answer sooner.
      const { serve } = await import('./serve.js');
      await serve(flags, terminal);
    });
