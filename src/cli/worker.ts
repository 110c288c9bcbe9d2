import type { Command } from 'commander';
import type { Terminal } from './terminal.js';

/** Adds `sluice worker`, which nobody types: `sluice start` starts its workers with it. */
export const addWorker = (program: Command, terminal: Terminal): Command =>
  program
    .command('worker', { hidden: true })
    .description('one of the processes of `sluice start --workers`; it is started by that')
    .action(async () => {
      const { serveWorker } = await import('./serveWorker.js');
      await serveWorker(terminal);
    });
