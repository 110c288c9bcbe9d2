import { InvalidArgumentError, Option, type Command } from 'commander';
import { CliError, exitCodes } from './cliError.js';
import { withAddress, type AddressFlags } from './connection.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice stdio                                     bridge to the gateway that runs on this machine
  $ sluice stdio -u https://gateway.example/mcp -H 'authorization: Bearer …'
  $ sluice stdio -c gateway.yaml                     the gateway itself, in this process

For clients that start their servers as a process and talk to them on stdin and stdout. Nothing but protocol messages is
written to stdout; problems and the log go to stderr. It ends when stdin ends, after the calls in flight, and on SIGTERM.`;

interface StdioFlags extends AddressFlags {
  readonly config?: string;
  readonly logLevel: string;
  readonly allowInactive?: boolean;
}

/** Adds `sluice stdio`: a gateway as a local process sees it, bridged to a running one or in the process itself. */
export const addStdio = (program: Command, terminal: Terminal): Command => {
  const command = program
    .command('stdio')
    .description('serve one local client on stdin and stdout')
    .option('-c, --config <file>', 'run the gateway of this configuration here, in place of --url', notEmpty);
  return withAddress(command)
    .addOption(
      new Option('--log-level <level>', 'with -c: least level to log, on stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('warn'),
    )
    .option('--allow-inactive', 'with -c: start although the file asks for protection that is not built yet')
    .addHelpText('after', help)
    .action(async ({ config, ...flags }: StdioFlags) => {
      // Each way loads what it needs and nothing more: a client waits for it.
      if (config === undefined) {
        const { bridgeStdio } = await import('./bridgeStdio.js');
        await bridgeStdio(flags, terminal);
        return;
      }
      if (command.getOptionValueSource('url') === 'cli')
        throw new CliError('-c runs a gateway here, --url bridges to another one: choose one of them', {
          exitCode: exitCodes.usage,
        });
      const { serveStdio } = await import('./serveStdio.js');
      await serveStdio({ ...flags, config }, terminal);
    });
};

const notEmpty = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('It is the path of a file.');
  return text;
};
