import { Option, type Command } from 'commander';
import { explainCall, type ExplainFlags } from './explainCall.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice explain --tool orders_refund --as ann --tenant acme --role support
  $ sluice explain --tool orders_refund --as ann --arguments '{"id":"1001"}'   looks at arguments and policies over them too
  $ sluice explain --tool mail_send --as ann --url http://127.0.0.1:8081       asks a running gateway, limits as they stand there
  $ sluice explain --tool mail_send --json | jq '.steps[] | select(.outcome == "refuses")'

Without --url the servers of the configuration are asked what they offer, as \`sluice start\` would; no tool is called, nothing is counted.
Who has not said who he is stands for --as where it is left out.

Exit codes: 0 the call would be made, 1 it would be refused, 2 wrong usage.`;

const gather = (word: string, before: readonly string[] = []): readonly string[] => [...before, word];

/** Adds `sluice explain`: what each operator would do with a call, and the line of the configuration that says so. */
export const addExplain = (program: Command, terminal: Terminal): Command =>
  program
    .command('explain')
    .description('say what would become of a call, operator by operator, without making it')
    .addOption(new Option('--tool <name>', 'the tool, as clients call it').conflicts(['prompt', 'resource']))
    .addOption(new Option('--prompt <name>', 'or a prompt').conflicts(['tool', 'resource']))
    .addOption(new Option('--resource <uri>', 'or a resource').conflicts(['tool', 'prompt']))
    .option('--as <user>', 'who calls')
    .option('--client <id>', 'the OAuth client it comes by')
    .option('--tenant <name>', 'the tenant')
    .option('--role <name>', 'a role; may be repeated', gather)
    .option('--scope <name>', 'a scope; may be repeated', gather)
    .option('--claim <name=value>', 'a claim of the token; may be repeated', gather)
    .option('--arguments <json>', 'the arguments; - for stdin')
    .option('--namespace <name>', 'the namespace of the endpoint')
    .option('-c, --config <file>', 'the configuration', 'gateway.yaml')
    .addOption(
      new Option('-u, --url <url>', 'the admin address of a running gateway that is asked instead').env(
        'SLUICE_ADMIN_URL',
      ),
    )
    .addOption(new Option('--key <key>', 'an admin key for it').env('SLUICE_ADMIN_KEY'))
    .option('--json', 'print the explanation as JSON')
    .addHelpText('after', help)
    .action((flags: ExplainFlags) => explainCall(flags, terminal));
