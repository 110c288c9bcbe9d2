import type { Command } from 'commander';
import { withConnection } from './connection.js';
import { firstLine } from './firstLine.js';
import { list, type ListFlags } from './list.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice prompts
  $ sluice prompts --json`;

/** Adds `sluice prompts`: the prompts a gateway (or any MCP server) offers. */
export const addPrompts = (program: Command, terminal: Terminal): Command =>
  withConnection(program.command('prompts'))
    .description('list the prompts of a running gateway')
    .option('--json', 'print the definitions as one JSON array')
    .addHelpText('after', help)
    .action((flags: ListFlags) =>
      list(flags, terminal, {
        noun: 'prompt',
        pick: (offer) => offer.prompts,
        head: ['PROMPT', 'DESCRIPTION'],
        row: (prompt) => [prompt.name, firstLine(prompt['description'] ?? prompt['title'])],
      }),
    );
