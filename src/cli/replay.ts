import { InvalidArgumentError, Option, type Command } from 'commander';
import { milliseconds } from '../config/milliseconds.js';
import { profiles } from '../replay/profileLines.js';
import { withAddress } from './connection.js';
import { exitCodes, CliError } from './cliError.js';
import type { ReplayFlags } from './replayFlags.js';
import type { Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice replay recordings --to http://127.0.0.1:9000/mcp              as it was, and every answer compared
  $ sluice replay recordings --rate 10x --ignore '$..updatedAt'          ten times as fast
  $ sluice replay recordings --rate max --junit replay.xml --html replay.html
  $ sluice replay recordings --json baseline.json                        then, after a change:
  $ sluice replay recordings --baseline baseline.json                    fails if p50 or p99 are a fifth slower
  $ sluice replay session.har                                            what a browser, or the MCP Inspector, has exported
  $ sluice replay --profile ramp --per-second 500 --call 'orders_get={"id":"1001"}'

Calls are made at the times they were made then, however slow the target is: latency counts from there. Sessions, ids, cursors and tasks get
new ones; within a session the order stays. Give credentials with --header: recordings have none.

Exit codes: 0 all as recorded, 1 something was not or is slower, 2 wrong usage, 130 interrupted.`;

/** Adds `sluice replay`: makes the calls of a recording again, and compares. */
export const addReplay = (program: Command, terminal: Terminal): Command =>
  withAddress(
    program.command('replay [files...]').description('make the calls of a recording again, and compare'),
    '--to <url>',
  )
    .option('--sse-url <url>', 'the endpoint of HTTP+SSE (default: /sse beside the other)')
    .option('--rate <rate>', '`1x` as it was, `10x` ten times as fast, `max` as fast as can be', asRate, 1)
    .option('--users <count>', 'how many do the same, each with sessions of its own', asCount, 1)
    .option('--loop [times]', 'begin again at the end; without a number until it is interrupted', asCount)
    .option('--concurrency <calls>', 'calls under way at a time with `--rate max`', asCount, 64)
    .option('--timeout <duration>', 'longest time for an answer', asDuration, 60_000)
    .option('--ignore <path>', 'a JSON path into answers that may differ; may be repeated', more<string>, [])
    .option('--baseline <file>', 'the --json of an earlier replay, to compare latency with')
    .option('--tolerance <share>', 'how much slower than the baseline is not told', asTolerance, 0.2)
    .option('--json <file>', 'write a report as JSON')
    .option('--junit <file>', "write a report as JUnit's XML")
    .option('--html <file>', 'write a report as a page with plots')
    .addOption(new Option('--profile <shape>', 'no recording, but calls that nobody made').choices(profiles))
    .option('--per-second <calls>', 'of a profile: how many', asCount, 50)
    .option('--duration <duration>', 'of a profile: how long', asDuration, 30_000)
    .option('--call <name=arguments>', 'of a profile: a tool to call; may be repeated', asCall, [])
    .option('--revision <date>', 'of a profile: the revision of MCP', '2025-06-18')
    .addHelpText('after', help)
    .action(async (files: readonly string[], flags: ReplayFlags) => {
      if ((files.length === 0) === (flags.profile === undefined))
        throw new CliError('Name what to replay: files or folders of a recording, or a --profile', {
          exitCode: exitCodes.usage,
          remedy: ['For example: sluice replay recordings --to http://127.0.0.1:9000/mcp'],
        });
      const { runReplay } = await import('./runReplay.js');
      await runReplay(files, flags, terminal);
    });

const asRate = (text: string): number => {
  if (text === 'max') return Infinity;
  const rate = /^\d{1,4}(?:\.\d{1,3})?x?$/.test(text) ? Number(text.replace('x', '')) : 0;
  if (!(rate > 0)) throw new InvalidArgumentError('It is `1x`, `0.5x`, `10x`, …, or `max`.');
  return rate;
};

const asCount = (text: string): number => {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return count;
};

const asDuration = (text: string): number => {
  const ms = milliseconds(text);
  if (!(ms > 0)) throw new InvalidArgumentError('Write `500ms`, `30s`, `5m`, `1h`, or a number of seconds.');
  return ms;
};

const asTolerance = (text: string): number => {
  const [, number, percent] = /^(\d{1,4}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Write `20%` or `0.2` for a fifth.');
  return Number(number) / (percent === '%' ? 100 : 1);
};

const more = <T>(item: T, before: readonly T[]): readonly T[] => [...before, item];

const asCall = (text: string, before: ReplayFlags['call']): ReplayFlags['call'] => {
  const [, name = '', written] = /^([^=\s]+)(?:=(.*))?$/s.exec(text) ?? [];
  const given = argumentsIn(written ?? '{}');
  if (name === '' || given === undefined)
    throw new InvalidArgumentError('Write NAME or NAME={…}, with the arguments as a JSON object.');
  return [...before, { name, arguments: given }];
};

const argumentsIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // Told with what should be there.
    return undefined;
  }
};
