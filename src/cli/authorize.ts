import type { Command } from 'commander';
import { authorizeServer, type AuthorizeFlags } from './authorizeServer.js';
import type { Terminal } from './terminal.js';

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
    .action((server: string, flags: AuthorizeFlags) => authorizeServer(server, flags, terminal));
