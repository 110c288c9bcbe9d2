import { Option, type Command } from 'commander';
import type { Terminal } from './terminal.js';
import { testPolicy, type PolicyTestFlags } from './testPolicy.js';

const help = `
Examples:
  $ sluice policy test cases.ndjson                            with the policies of gateway.yaml
  $ sluice policy test cases.ndjson --bundle policy.tar.gz     with a compiled bundle
  $ sluice policy test cases.ndjson --rego policies/ --path orders/allow
  $ sluice policy test - --url http://127.0.0.1:8181 --json    cases from stdin, on an OPA server

A line of the file is one case: an input as policies get it, or one with what is expected:

  {"input":{"version":1,"method":"tools/call",…},"expect":{"allow":false,"reason":"too much"}}

Exit codes: 0 all as expected, 1 some were not, or could not be decided, 2 wrong usage.`;

/** Adds `sluice policy`: tries policies out on cases, before they are in force. */
export const addPolicy = (program: Command, terminal: Terminal): Command => {
  const command = program.command('policy').description('try policies of Open Policy Agent out');
  const sources = ['bundle', 'rego', 'url'] as const;
  const source = (flags: string, what: string, own: (typeof sources)[number]) =>
    new Option(flags, what).conflicts(['config', ...sources.filter((other) => other !== own)]);
  command
    .command('test <files...>')
    .description('ask the policies about each line of some files; - is stdin')
    .option('-c, --config <file>', 'the configuration whose policies are asked (default: "gateway.yaml")')
    .addOption(source('--bundle <file>', 'a compiled bundle instead', 'bundle'))
    .addOption(source('--rego <files...>', 'Rego files or folders instead; needs the `opa` program', 'rego'))
    .addOption(source('--url <url>', 'an OPA server instead', 'url'))
    .option('--path <decision>', 'ask only for this decision: `package/rule`')
    .option('--json', 'print every case as one line of JSON')
    .addHelpText('after', help)
    .action((files: readonly string[], flags: PolicyTestFlags) => testPolicy(files, flags, terminal));
  return command;
};
