import { InvalidArgumentError, Option, type Command } from 'commander';
import { workersOf } from '../config/workersOf.js';

/** Adds the flags of a command that runs a gateway. */
export const withStartFlags = (command: Command): Command =>
  command
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
    .option('--allow-inactive', 'start although the file asks for protection that is not built yet');

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
