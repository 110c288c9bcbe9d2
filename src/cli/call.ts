import { InvalidArgumentError, type Command } from 'commander';
import { limits } from '../config/limits.js';
import { milliseconds } from '../config/milliseconds.js';
import type { Observable } from 'rxjs';

import { isRepeatable, type ToolDefinition } from '../protocol/mcp.js';
import type { Backend, Offer } from '../streams/backend.js';
import type { Reply } from '../streams/reply.js';
import { alwaysOpen } from '../streams/valve.js';
import { callOutput } from './callOutput.js';
import { CliError, exitCodes } from './cliError.js';
import { throughGateway, withConnection, type ConnectionFlags } from './connection.js';
import { nearest } from './nearest.js';
import { readArguments } from './readArguments.js';
import type { Terminal } from './terminal.js';

interface CallFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly timeout?: number;
}

const help = `
Progress goes to stderr as it arrives, the result to stdout.

Examples:
  $ sluice call orders_get '{"id":"1001"}'
  $ sluice call orders_export                        rows appear while they are made
  $ jq -n '{query: "tea"}' | sluice call orders_search -
  $ sluice call orders_get '{"id":"1001"}' --json    one JSON object a line, the last is the result

Exit codes: 0 the tool succeeded, 1 it did not, 2 wrong usage, 130 interrupted (the call is cancelled).`;

/** Adds `sluice call`: calls one tool and shows what it says while it runs. */
export const addCall = (program: Command, terminal: Terminal): Command =>
  withConnection(program.command('call'))
    .description('call a tool of a running gateway')
    .argument('<tool>', 'the name, as `sluice tools` shows it')
    .argument('[arguments]', 'a JSON object; - reads it from stdin', '{}')
    .option('--json', 'print every message as one line of JSON')
    .option(
      '-t, --timeout <duration>',
      'give up after so long: 30s, 5m, … (default: when the gateway does)',
      asMs,
    )
    .addHelpText('after', help)
    .action((tool: string, text: string, flags: CallFlags) => call(tool, text, flags, terminal));

const call = async (name: string, text: string, flags: CallFlags, terminal: Terminal): Promise<void> => {
  const args = await readArguments(text, terminal.stdin);
  const output = callOutput(name, flags.json === true, terminal);
  try {
    await throughGateway(
      flags,
      terminal,
      flags.timeout,
      (backend, offer) => invoke(backend, findTool(offer, name), args),
      output.show,
    );
  } finally {
    output.stop();
  }
  if (output.failed) throw new CliError('', { exitCode: exitCodes.failed });
};

const invoke = (
  backend: Backend,
  tool: ToolDefinition,
  args: Readonly<Record<string, unknown>>,
): Observable<Reply> =>
  backend.invoke({
    method: 'tools/call',
    params: { name: tool.name, arguments: args },
    tool,
    repeatable: isRepeatable(tool),
    progress: true,
    logLevel: 'info',
    capabilities: {},
    principalId: 'sluice-cli',
    // Nobody writes to a terminal faster than it can be read for long; the process has one call only.
    valve: alwaysOpen,
  });

const findTool = (offer: Offer, name: string): ToolDefinition => {
  const tool = offer.tools.find((candidate) => candidate.name === name);
  if (tool !== undefined) return tool;
  const near = nearest(
    name,
    offer.tools.map((candidate) => candidate.name),
  );
  throw new CliError(`There is no tool ${name}`, {
    remedy: [...(near === undefined ? [] : [`Did you mean ${near}?`]), '`sluice tools` lists all there are.'],
  });
};

const asMs = (text: string): number => {
  const ms = milliseconds(text);
  if (!(ms > 0 && ms <= limits.maxDurationMs))
    throw new InvalidArgumentError('It is a duration above 0: a number of seconds, or 500ms, 30s, 5m.');
  return ms;
};
