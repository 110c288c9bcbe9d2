import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { htmlReport } from '../replay/htmlReport.js';
import { ignoringOf } from '../replay/ignoringOf.js';
import { junitReport } from '../replay/junitReport.js';
import { profileLines } from '../replay/profileLines.js';
import { RecordingError } from '../replay/recordingError.js';
import { replay } from '../replay/replay.js';
import { report, type ReplayReport } from '../replay/report.js';
import { baselineIn, slower, type Slower } from '../replay/slower.js';
import { sourceOf, type ReplaySource } from '../replay/sourceOf.js';
import { Tally } from '../replay/tally.js';
import { CliError, exitCodes } from './cliError.js';
import type { ReplayFlags } from './replayFlags.js';
import { replayScreen } from './replayScreen.js';
import type { Terminal } from './terminal.js';

/**
 * Replays, shows how it goes, and writes what was asked for.
 *
 * @throws CliError where there is nothing to replay, and where something was not as recorded
 */
export const runReplay = async (
  files: readonly string[],
  flags: ReplayFlags,
  terminal: Terminal,
): Promise<void> => {
  const inPlace = (path: string): string => resolve(terminal.cwd, path);
  const { baseline, source, ignoring } = await explained(async () => {
    const found =
      flags.profile === undefined ? await sourceOf(files.map(inPlace)) : ofProfile(flags, flags.profile);
    return {
      source: found,
      baseline: flags.baseline === undefined ? undefined : await baselineIn(inPlace(flags.baseline)),
      ignoring: ignoringOf([...found.ignore, ...flags.ignore]),
    };
  });
  const tally = new Tally();
  const stop = new AbortController();
  const screen = replayScreen(tally, source.bytes, terminal);
  const interrupts = terminal.interrupts$.subscribe(() => stop.abort());
  const { to: url, header: headers, timeout: timeoutMs, loop = 1 } = flags;
  try {
    await explained(() =>
      replay({
        ...flags,
        url,
        headers,
        timeoutMs,
        ignoring,
        tally,
        sseUrl: flags.sseUrl ?? besides(url),
        loops: loop === true ? Infinity : loop,
        joinsLate: source.joinsLate,
        signal: stop.signal,
        lines: () => source.lines({ read: screen.read, warn: (message) => tally.warn(message) }),
      }),
    );
  } finally {
    screen.end();
    interrupts.unsubscribe();
  }
  const found = report(tally, {
    recordings: flags.profile === undefined ? files : [`profile ${flags.profile}`],
    target: new URL(url).origin + new URL(url).pathname,
    rate: flags.rate === Infinity ? 'max' : `${flags.rate}x`,
    users: flags.users,
  });
  const slow = baseline === undefined ? [] : slower(found, baseline, flags.tolerance);
  await written(flags, found, slow, baseline, inPlace);
  screen.show(found, slow);
  // Whoever loops without end ends it so.
  if (stop.signal.aborted && loop !== true)
    throw new CliError('Interrupted: what had been replayed is told above', {
      exitCode: exitCodes.interrupted,
    });
  conclude(found, slow);
};

const ofProfile = (flags: ReplayFlags, profile: NonNullable<ReplayFlags['profile']>): ReplaySource => ({
  bytes: 0,
  ignore: [],
  joinsLate: false,
  lines: () =>
    profileLines({
      profile,
      perSecond: flags.perSecond,
      seconds: flags.duration / 1000,
      calls: flags.call,
      revision: flags.revision,
    }),
});

/** Where a gateway has HTTP+SSE unless it is told otherwise. */
const besides = (url: string): string => new URL('/sse', url).href;

const explained = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new CliError(error.message, { cause: error, remedy: error.remedy });
  }
};

const written = async (
  { json, junit, html }: ReplayFlags,
  found: ReplayReport,
  slow: readonly Slower[],
  baseline: ReplayReport | undefined,
  inPlace: (path: string) => string,
): Promise<void> => {
  const files = [
    [json, () => `${JSON.stringify(found, undefined, 2)}\n`],
    [junit, () => junitReport(found, slow)],
    [html, () => htmlReport(found, slow, baseline)],
  ] as const;
  for (const [path, text] of files)
    if (path !== undefined)
      await writeFile(inPlace(path), text()).catch((cause: unknown) => {
        throw new CliError(`The report can not be written to ${path}`, { cause });
      });
};

const conclude = ({ different, failed, calls }: ReplayReport, slow: readonly Slower[]): void => {
  if (calls === 0)
    throw new CliError('There was nothing to replay', { remedy: ['The recording has no calls.'] });
  const wrong = different + failed;
  if (wrong > 0)
    throw new CliError(`${wrong} of ${calls} calls were not answered as recorded`, {
      remedy: ['What may differ is named with --ignore, or under `record.ignore` when it is recorded.'],
    });
  if (slow.length > 0) throw new CliError(`Answers are as recorded, but slower than the baseline`);
};
