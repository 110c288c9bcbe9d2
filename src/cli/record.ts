import { InvalidArgumentError, type Command } from 'commander';
import { resolve } from 'node:path';
import type { StartFlags } from './serve.js';
import type { Terminal } from './terminal.js';
import { withStartFlags } from './withStartFlags.js';

const help = `
Examples:
  $ sluice record --to recordings                  with ./gateway.yaml
  $ sluice record --to recordings --sample 0.1     every tenth session, each of them whole
  $ sluice replay recordings --to http://127.0.0.1:9000/mcp

Everything else is as with \`sluice start\`. What \`redact\` and \`record.redact\` find is not recorded, nor are credentials and the ids of
sessions; what else people write is: keep the files accordingly. The same without this command: \`record: { to: recordings }\` in the file.`;

interface RecordFlags extends StartFlags {
  readonly to: string;
  readonly sample?: number;
}

/** Adds `sluice record`: runs the gateway and records what passes, to be replayed. */
export const addRecord = (program: Command, terminal: Terminal): Command =>
  withStartFlags(program.command('record').description('start the gateway and record requests and answers'))
    .option('--to <folder>', 'the folder for the recording', 'recordings')
    .option('--sample <share>', 'share of sessions to record, above 0, at most 1', asShare)
    .addHelpText('after', help)
    .action(async ({ to, sample, ...flags }: RecordFlags) => {
      const { serve } = await import('./serve.js');
      const folder = resolve(terminal.cwd, to);
      await serve({ ...flags, record: { folder, ...(sample !== undefined && { sample }) } }, terminal);
    });

const asShare = (text: string): number => {
  const share = /^(?:0?\.\d{1,6}|1(?:\.0*)?)$/.test(text) ? Number(text) : NaN;
  if (!(share > 0)) throw new InvalidArgumentError('It is a number above 0, at most 1: 0.1 for every tenth.');
  return share;
};
