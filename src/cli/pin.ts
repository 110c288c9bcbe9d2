import type { Command } from 'commander';
import type { Settings } from '../config/settings.js';
import { createGateway } from '../gateway.js';
import { pinnedDefinitions } from '../protocol/integrity/pinnedDefinitions.js';
import { writePins, type Pins } from '../protocol/integrity/pins.js';
import { constant } from '../streams/latest.js';
import { silent } from '../streams/log.js';
import { approved } from './approved.js';
import { CliError } from './cliError.js';
import { escaped } from './escaped.js';
import { pinChanges, type PinChange, type Offered } from './pinChanges.js';
import { pinDiff } from './pinDiff.js';
import { readPinFile } from './readPinFile.js';
import { readConfig } from './readConfig.js';
import { coloursOf, version, type Terminal } from './terminal.js';
import { writeWhole } from './writeWhole.js';

interface PinFlags {
  readonly config: string;
  readonly check?: boolean;
  readonly approve?: readonly string[];
  readonly all?: boolean;
}

const help = `
Examples:
  $ sluice pin                          approve everything, where nothing is approved yet; else show what has changed
  $ sluice pin --check                  show what is not as it was approved; for scripts
  $ sluice pin --approve search         approve what the server \`search\` offers now
  $ sluice pin --approve search/query   approve one tool, prompt or resource template of it
  $ sluice pin --all                    approve everything as it is now

The file is the one under \`integrity.pins\`. A gateway that runs takes it up by itself.

Exit codes: 0 everything is approved, 1 something is not, or a server did not answer.`;

/** Adds `sluice pin`: approves what servers offer, and shows what has changed since. */
export const addPin = (program: Command, terminal: Terminal): Command =>
  program
    .command('pin')
    .description('approve the tools of servers as they are, and show what has changed since')
    .option('-c, --config <file>', 'the configuration file', 'gateway.yaml')
    .option('--check', 'write nothing')
    .option('--approve <names...>', 'approve these as they are now: servers, or SERVER/NAME')
    .option('--all', 'approve everything as it is now')
    .addHelpText('after', help)
    .action((flags: PinFlags) => pin(flags, terminal));

const pin = async (flags: PinFlags, terminal: Terminal): Promise<void> => {
  const reading = readConfig(flags.config, terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  const path = reading.settings.integrity.pins;
  if (path === undefined)
    throw new CliError('The configuration names no file of pins', {
      remedy: ['Add:', '', '  integrity: { pins: ./pins.json }'],
    });
  const before = readPinFile(path);
  const { offered, silentServers } = await offers(reading.settings);
  const changes = pinChanges(before ?? new Map(), offered);
  const wanted = chosen(flags, before, changes);
  if (wanted.length > 0 || (before === undefined && flags.check !== true))
    writeWhole(path, writePins(approved(before ?? new Map(), offered, wanted)));
  report(changes, wanted, terminal);
  for (const server of silentServers)
    terminal.stderr.write(`${server} did not answer: what is approved of it stays as it was\n`);
  const left = changes.filter((change) => !wanted.includes(change));
  if (left.length > 0)
    throw new CliError(
      `${left.length} ${left.length === 1 ? 'definition is' : 'definitions are'} not as approved`,
      {
        remedy: ['Look at them, then: sluice pin --approve SERVER[/NAME], or --all'],
      },
    );
  if (silentServers.length > 0) throw new CliError('Not every server answered');
};

/** What is to be approved. Throws for a name that fits nothing that has changed. */
const chosen = (
  { check, approve, all }: PinFlags,
  before: Pins | undefined,
  changes: readonly PinChange[],
): readonly PinChange[] => {
  if (check === true) return [];
  if (all === true || (before === undefined && approve === undefined)) return changes;
  const names = approve ?? [];
  for (const name of names)
    if (!changes.some((change) => fits(name, change)))
      throw new CliError(`${name} is no server or definition that has changed`, {
        remedy: ['`sluice pin --check` shows those that have.'],
      });
  return changes.filter((change) => names.some((name) => fits(name, change)));
};

const fits = (wanted: string, { server, name }: PinChange): boolean =>
  wanted === server || wanted === `${server}/${name}`;

const report = (
  changes: readonly PinChange[],
  wanted: readonly PinChange[],
  { stdout, env }: Terminal,
): void => {
  const { green, yellow } = coloursOf(stdout, env);
  for (const change of changes) {
    const mark = wanted.includes(change) ? green('approved') : yellow(change.what);
    stdout.write(
      `${mark} ${change.server}/${escaped(change.name)}${change.kind === 'tools' ? '' : ` (${change.kind})`}\n`,
    );
    for (const line of pinDiff(change)) stdout.write(`    ${line}\n`);
  }
  if (changes.length === 0) stdout.write(`${green('ok')} everything is as approved\n`);
};

/** What the servers of a configuration offer now, unjudged, and those that did not answer. */
const offers = async (
  settings: Settings,
): Promise<{ offered: Offered; silentServers: readonly string[] }> => {
  const { hazelcast: _elsewhere, ...sessions } = settings.sessions;
  const { audit: _audit, opa: _opa, redact: _redact, ...rest } = settings;
  const plain: Settings = { ...rest, sessions, integrity: { newcomers: 'allow', suspicious: 'off' } };
  const gateway = createGateway(constant(plain), { log: silent, version });
  try {
    await gateway.ready();
    const { servers } = gateway.catalog.current;
    const answered = servers.filter(({ offer, stale }) => offer !== undefined && stale === undefined);
    return {
      offered: new Map(
        answered.map(({ settings: { name }, offer }) => [
          name,
          offer === undefined ? [] : pinnedDefinitions(offer),
        ]),
      ),
      silentServers: servers
        .filter((server) => !answered.includes(server))
        .map(({ settings: { name } }) => name),
    };
  } finally {
    await gateway.close();
  }
};
