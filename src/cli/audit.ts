import type { Command } from 'commander';
import { basename, resolve } from 'node:path';
import { trailFiles, workerTrail } from '../sinks/audit/trailFiles.js';
import { verifiedTrail, type TrailFault, type VerifiedTrail } from '../sinks/audit/verifiedTrail.js';
import { CliError } from './cliError.js';
import { readConfig } from './readConfig.js';
import { coloursOf, type Terminal } from './terminal.js';

const help = `
Examples:
  $ sluice audit verify audit.ndjson                  and the files put aside before it, audit.ndjson.1 …
  $ sluice audit verify audit.ndjson -c gateway.yaml  with the secret under \`audit.key\`
  $ sluice audit verify -c gateway.yaml               the trail of this configuration

What was cut off at the end, or a trail that was removed whole, can't be seen in the files: compare the last number and hash with those
noted elsewhere.

Exit codes: 0 nothing was changed or removed, 1 something was.`;

/** Adds `sluice audit`: looks whether an audit trail is as it was written. */
export const addAudit = (program: Command, terminal: Terminal): Command => {
  const command = program.command('audit').description('look after the audit trail');
  command
    .command('verify [file]')
    .description('find records that were changed or removed')
    .option('-c, --config <file>', 'the configuration that says where the trail is, and its secret')
    .addHelpText('after', help)
    .action((file: string | undefined, { config }: { readonly config?: string }) =>
      verify(file, config, terminal),
    );
  return command;
};

const verify = async (
  given: string | undefined,
  config: string | undefined,
  terminal: Terminal,
): Promise<void> => {
  const settings = given !== undefined && config === undefined ? undefined : configured(config, terminal);
  const audit = settings?.audit;
  const path = given === undefined ? audit?.file : resolve(terminal.cwd, given);
  if (path === undefined)
    throw new CliError('The configuration keeps no audit trail', {
      remedy: ['Name the file: sluice audit verify FILE'],
    });
  const trails = trailFiles(path);
  if (trails.length === 0)
    throw new CliError(`There is no audit trail ${path}`, { remedy: ['Name the file that it is in.'] });
  const lacking = path === audit?.file ? lackingTrails(path, settings?.workers ?? 1, trails) : [];
  for (const trail of lacking)
    terminal.stdout.write(`FAULT ${basename(trail)} is missing: the configuration says that it is written\n`);
  const found = { records: 0, faults: lacking.length };
  for (const trail of trails) {
    const verified = await verifiedTrail(trail, audit?.key?.reveal());
    found.records += verified.records;
    found.faults += show(verified, trails.length > 1 ? `${basename(trail)}: ` : '', terminal);
  }
  if (found.faults > 0)
    throw new CliError(
      `The trail is not as it was written: ${found.faults} ${found.faults === 1 ? 'fault' : 'faults'}`,
      {
        remedy:
          config === undefined
            ? ['Was it written with `audit.key`? Then give the configuration with -c.']
            : [],
      },
    );
  if (found.records === 0)
    throw new CliError('The trail has no chained records', { remedy: ['See `audit.chain`.'] });
};

/** Says what was found in one trail, and how many faults. */
const show = (
  { files, records, first, last, faults }: VerifiedTrail,
  name: string,
  terminal: Terminal,
): number => {
  const { green, yellow } = coloursOf(terminal.stdout, terminal.env);
  for (const fault of faults)
    terminal.stdout.write(`${fault.isHarmless ? yellow('note') : 'FAULT'} ${told(fault)}\n`);
  const bad = faults.filter(({ isHarmless }) => !isHarmless).length;
  if (last !== undefined)
    terminal.stdout.write(
      `${name}${bad === 0 ? `${green('ok')} ` : ''}${records} records in ${files.length} ` +
        `${files.length === 1 ? 'file' : 'files'}, ${first} to ${last.seq}; the last hash is ${last.hash}\n`,
    );
  if (first > 1 && bad === 0)
    terminal.stdout.write(
      `${yellow('note')} ${first - 1} records before it were removed by rotation (\`audit.keep\`)\n`,
    );
  return bad;
};

/** Trails that the gateway writes and that are not there. */
const lackingTrails = (path: string, workers: number, trails: readonly string[]): readonly string[] => {
  const wanted =
    workers === 1 ? [path] : Array.from({ length: workers }, (_, index) => workerTrail(path, index + 1));
  return wanted.filter((trail) => !trails.includes(trail));
};

const configured = (config: string | undefined, terminal: Terminal) => {
  const reading = readConfig(config ?? 'gateway.yaml', terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  return reading.settings;
};

const words = {
  incomplete: 'is no whole record',
  changed: 'was changed after it was written, or written with another secret',
  removed: 'does not follow on the one before: records between them are missing',
  repeated: 'was there before',
  replaced: 'does not follow on the one before, which was written anew',
  missing: 'is missing',
  beginning:
    'is not the beginning of the trail: what was before it is missing, and was not removed by rotation',
} as const;

const told = ({ file, line, fault, isHarmless }: TrailFault): string =>
  isHarmless
    ? `${file}:${line} is half a record: the gateway was ended while it wrote; the chain goes on after it`
    : `${file}${line === 0 ? '' : `:${line}`} ${words[fault]}`;
