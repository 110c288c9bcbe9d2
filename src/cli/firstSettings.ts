import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { limits } from '../config/limits.js';
import type { RecordSettings } from '../config/recordSettings.js';
import type { Settings } from '../config/settings.js';
import { CliError } from './cliError.js';
import { readConfig } from './readConfig.js';
import type { Terminal } from './terminal.js';
import { triedPipeline } from './triedPipeline.js';
import { unprotected } from './unprotected.js';

/** What the flags of a command that runs a gateway say of its settings. */
export interface SettingsFlags {
  readonly config: string;
  readonly host?: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly workers?: number;
  readonly logLevel?: string;
  readonly allowInactive?: boolean;
  /** Records although the file does not say so, or elsewhere. */
  readonly record?: Pick<RecordSettings, 'folder'> & Partial<RecordSettings>;
}

/** Of a recording that the file says nothing of. */
const recordDefaults = {
  sample: 1,
  rules: [],
  ignore: [],
  maxBytes: limits.recordingFileBytes,
  keep: limits.recordingFilesKept,
};

/**
 * The settings to begin with. Everything that forbids a start is found here, before anything listens.
 *
 * @throws CliError when the file, or the pipeline that it names, is wrong, or asks for protection that is not there
 */
export const firstSettings = async (flags: SettingsFlags, terminal: Terminal): Promise<Settings> => {
  const reading = readConfig(flags.config, terminal);
  if (reading.settings === undefined)
    throw new CliError(reading.text, {
      remedy: [`${reading.count}. \`sluice check\` looks again without starting.`],
    });
  // The gateway itself notes what the pipeline leaves out, with every change too.
  const tried = await triedPipeline(reading, flags.config, terminal);
  if (tried.settings === undefined) throw new CliError(tried.text);
  const settings = overridden(reading.settings, flags);
  auditable(settings);
  recordable(settings);
  if (flags.allowInactive === true) return settings;
  const refusal = unprotected(settings, reading.file);
  if (refusal !== undefined) throw refusal;
  return settings;
};

/** Whoever wants records does not want to find out later that there are none. */
const auditable = ({ audit }: Settings): void => {
  if (audit?.file === undefined) return;
  try {
    mkdirSync(dirname(audit.file), { recursive: true });
    closeSync(openSync(audit.file, 'a+', 0o600));
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new CliError(`The audit trail can not be written to ${audit.file} (${code})`, {
      cause: error,
      remedy: ['Name a file under `audit.file` in a folder that the gateway may write to.'],
    });
  }
};

/** Nor who wants to replay something. */
const recordable = ({ record }: Settings): void => {
  if (record === undefined) return;
  try {
    mkdirSync(record.folder, { recursive: true });
    accessSync(record.folder, constants.W_OK);
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new CliError(`Nothing can be recorded in ${record.folder} (${code})`, {
      cause: error,
      remedy: ['Name a folder that the gateway may write to: `record.to`, or `sluice record --to`.'],
    });
  }
};

/** Settings with what the flags say instead of the file. */
export const overridden = (
  settings: Settings,
  { host, port, adminPort, workers, logLevel, record }: SettingsFlags,
): Settings => ({
  ...settings,
  listen: {
    ...settings.listen,
    host: host ?? settings.listen.host,
    port: port ?? settings.listen.port,
  },
  admin: { ...settings.admin, port: adminPort ?? settings.admin.port },
  workers: workers ?? settings.workers,
  log: { ...settings.log, level: logLevel ?? settings.log.level },
  ...(record !== undefined && { record: { ...recordDefaults, ...settings.record, ...record } }),
});
