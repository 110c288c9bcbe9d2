import type { Command } from 'commander';
import type { Terminal } from './terminal.js';

export interface AuthorizeFlags {
  readonly config: string;
  readonly browser: boolean;
}

const help = `
Examples:
  $ sluice authorize crm                 opens the browser, waits until you have agreed
  $ sluice authorize crm --no-browser    only prints the URL; the browser has to be on this machine

What comes of it is kept in the file that \`oauth.state\` names; a running gateway finds it there and renews it by itself.`;

/** Adds `sluice authorize`: a person lets the gateway use a server in their name. */
export const addAuthorize = (program: Command, terminal: Terminal): Command =>
  program
    .command('authorize')
    .description('authorize the gateway at a server that wants OAuth tokens')
    .argument('<server>', 'its name in the configuration file')
    .option('-c, --config <file>', 'the configuration file', 'gateway.yaml')
    .option('--no-browser', 'open no browser')
    .addHelpText('after', help)
    .action(async (server: string, flags: AuthorizeFlags) => {
      const { authorizeServer } = await import('./authorizeServer.js');
      await authorizeServer(server, flags, terminal);
    });
