import type { Command } from 'commander';
import type { ToolDefinition } from '../protocol/mcp.js';
import { withConnection } from './connection.js';
import { firstLine } from './firstLine.js';
import { list, type ListFlags } from './list.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice tools
  $ sluice tools --url http://127.0.0.1:8080/mcp/support
  $ sluice tools --header 'authorization: Bearer …' --json | jq '.[].name'`;

/** Adds `sluice tools`: the tools a gateway (or any MCP server) offers. */
export const addTools = (program: Command, terminal: Terminal): Command =>
  withConnection(program.command('tools'))
    .description('list the tools of a running gateway')
    .option('--json', 'print the definitions as one JSON array')
    .addHelpText('after', help)
    .action((flags: ListFlags) =>
      list(flags, terminal, {
        noun: 'tool',
        pick: (offer) => offer.tools,
        head: ['TOOL', 'SERVER', 'DESCRIPTION'],
        row: (tool) => [tool.name, serverOf(tool), firstLine(tool.description ?? tool['title'])],
      }),
    );

/** The server behind a tool, where the gateway says it. */
const serverOf = ({ _meta: meta }: ToolDefinition): string => {
  const server = (meta as Readonly<Record<string, unknown>> | undefined)?.['sluice/server'];
  return typeof server === 'string' ? server : '';
};
