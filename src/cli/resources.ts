import type { Command } from 'commander';
import { withConnection } from './connection.js';
import { firstLine } from './firstLine.js';
import { list, type ListFlags } from './list.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice resources
  $ sluice resources --json`;

/** Adds `sluice resources`: the resources and resource templates a gateway (or any MCP server) offers. */
export const addResources = (program: Command, terminal: Terminal): Command =>
  withConnection(program.command('resources'))
    .description('list the resources and resource templates of a running gateway')
    .option('--json', 'print the definitions as one JSON array')
    .addHelpText('after', help)
    .action((flags: ListFlags) =>
      list(flags, terminal, {
        noun: 'resource',
        pick: (offer) => [...offer.resources, ...offer.resourceTemplates],
        head: ['URI', 'NAME', 'DESCRIPTION'],
        row: (item) => [
          firstLine(item['uri'] ?? item['uriTemplate']),
          firstLine(item.name),
          firstLine(item['description'] ?? item['title']),
        ],
      }),
    );
