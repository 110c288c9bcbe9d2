import { InvalidArgumentError, type Command } from 'commander';
import { createKey, type CreateKeyFlags } from './createKey.js';
import { listKeys } from './listKeys.js';
import { revokeKey } from './revokeKey.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice keys create --user ann                         a key for everything that ann may do
  $ sluice keys create --user ci --tenant acme \\
      --server orders --tool 'orders_get*' --expires 90d  one for some tools, for three months
  $ sluice keys list
  $ sluice keys revoke 4jT0xq8bLw2Z

The file is the one that \`auth.api_keys.file\` names. A running gateway reads it again within seconds. It holds hashes: a key is
shown once, when it is made.`;

/** Adds `sluice keys`: makes, lists and revokes API keys. */
export const addKeys = (program: Command, terminal: Terminal): Command => {
  const keys = program
    .command('keys')
    .description('make, list and revoke API keys')
    .addHelpText('after', help);
  const command = (name: string, description: string): Command =>
    keys
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the configuration file', 'gateway.yaml');
  command('create', 'make a key and print it, once')
    .requiredOption('--user <name>', 'whose key it is')
    .option('--client <name>', 'the client it stands for in `allowed_clients`; its id by default')
    .option('--tenant <name>', 'the tenant it belongs to')
    .option('--scope <scope...>', 'scopes it has')
    .option('--role <role...>', 'roles it has')
    .option('--namespace <name...>', 'good for these namespaces only')
    .option('--server <name...>', 'good for these servers only; * and ? are wildcards')
    .option('--tool <name...>', 'good for these tools only; * and ? are wildcards')
    .option('--expires <when>', 'until when: `90d`, `12h`, or a date such as 2027-01-31', asDate)
    .action((flags: CreateKeyFlags) => createKey(flags, terminal));
  command('list', 'list the keys, without their secrets')
    .option('--json', 'print one JSON array')
    .action((flags: { config: string; json?: boolean }) => listKeys(flags, terminal));
  command('revoke', 'take a key out of the file')
    .argument('<id>', 'its id, or the key itself')
    .action((id: string, flags: { config: string }) => revokeKey(id, flags, terminal));
  return keys;
};

const units = { h: 3_600_000, d: 86_400_000 } as const;

const asDate = (text: string): string => {
  const [, amount, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const time = unit === 'h' || unit === 'd' ? Date.now() + Number(amount) * units[unit] : Date.parse(text);
  if (Number.isNaN(time) || !/^\d/.test(text))
    throw new InvalidArgumentError('Write `90d`, `12h` or 2027-01-31.');
  if (time <= Date.now()) throw new InvalidArgumentError('That is in the past.');
  return new Date(time).toISOString();
};
