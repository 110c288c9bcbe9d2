import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { filter, firstValueFrom, map, retry, skipUntil, timer } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { createGateway } from '../gateway.js';
import { fromConfigFile } from '../sources/fromConfigFile.js';
import type { Primary, PrimaryOptions } from '../gateway/workers/primary.js';
import { latest, type Latest } from '../streams/latest.js';
import { banner } from './banner.js';
import { bannerScreen } from './bannerScreen.js';
import { configurationCheck } from './configurationCheck.js';
import { consoleUrl } from './consoleUrl.js';
import { exitCodes } from './cliError.js';
import { firstSettings, overridden, type SettingsFlags } from './firstSettings.js';
import { listenOrExplain } from './listenOrExplain.js';
import { flushed } from './flushed.js';
import { createLog } from './log.js';
import { placesIn } from './placesIn.js';
import { stopOnUncaught } from './stopOnUncaught.js';
import { version, type Terminal } from './terminal.js';
import { runKeyFor } from './runKeyFor.js';
import { tellNotes } from './tellNotes.js';
import { unprotected } from './unprotected.js';

export type StartFlags = SettingsFlags;

/**
 * Runs a gateway until SIGTERM or SIGINT and returns when it has drained.
 *
 * @throws CliError when it can not start: bad configuration, port in use, protection asked for that is not there
 */
export const serve = async (flags: StartFlags, terminal: Terminal): Promise<void> => {
  const first = await firstSettings(flags, terminal);
  const log = createLog(first.log);
  stopOnUncaught(log);
  for (const notice of first.inactive)
    log.warn({ event: 'config_inactive', path: notice.path, line: notice.line }, notice.message);
  if (first.state.keys.length === 0 && first.sessions.hazelcast === undefined)
    log.info(
      { event: 'state_keys_missing' },
      'Without `state.keys`, calls that wait for an answer and pages of lists do not survive a restart, nor reach another instance',
    );

  const changes$ = fromConfigFile(resolve(terminal.cwd, flags.config), { env: terminal.env, log }).pipe(
    map((settings) => overridden(settings, flags)),
    filter((settings) => accepts(settings, flags, log)),
    // Its first reading is the second of this file, which may be in the middle of an edit just then: not the end of watching.
    retry({
      delay: (error) => {
        log.error(
          { event: 'config_rejected', error },
          'The configuration as it was read first stays in force',
        );
        return timer(rereadMs);
      },
    }),
  );
  const settings = latest(changes$, first, (error) =>
    log.error({ event: 'config_watch_failed', cause: error }, 'The configuration file is no longer watched'),
  );
  const runKey = runKeyFor(first, terminal);
  const options = {
    ...{ log, version, runKey },
    checkConfiguration: configurationCheck(flags.config, terminal),
    placeOf: placesIn(flags.config, terminal),
  };
  const gateway =
    first.workers === 1 ? single(settings, options, terminal) : await several(settings, options);
  const telling = tellNotes(first, settings.changes$, log);
  const stopped = firstValueFrom(terminal.interrupts$);
  try {
    const urls = await Promise.race([listenOrExplain(gateway, first), stopped]);
    await Promise.race([gateway.ready(), stopped]);
    if (typeof urls !== 'string')
      gateway.announce({ ...urls, consoleUrl: consoleUrl(urls.adminUrl, first, runKey) });
    const signal = await stopped;
    log.info({ event: 'stopping', signal }, 'Draining: calls in flight may finish');
    exitOnSecond(terminal);
    await gateway.close();
    log.info({ event: 'stopped' }, 'Stopped');
  } catch (error) {
    // What has been opened must not keep the process alive; the first error is the one to report.
    await Promise.allSettled([gateway.close()]);
    throw error;
  } finally {
    telling.unsubscribe();
    settings.close();
    await flushed(log);
  }
};

/** What both kinds of gateway have of the program that runs them. */
type Options = Omit<PrimaryOptions, 'fork'>;

const single = (settings: Latest<Settings>, options: Options, terminal: Terminal): Primary => {
  const gateway = createGateway(settings, options);
  return {
    ...gateway,
    announce(urls) {
      const screen = bannerScreen(settings.current, terminal);
      screen.write(banner({ ...urls, catalog: gateway.catalog.current }, screen, terminal.env));
    },
  };
};

const several = async (settings: Latest<Settings>, options: Options): Promise<Primary> => {
  const { createPrimary } = await import('../gateway/workers/primary.js');
  const { forkWorker } = await import('./forkWorker.js');
  return createPrimary(settings, { ...options, fork: forkWorker });
};

/** Pause before a file that could not be used at the very start is read again, in milliseconds. */
const rereadMs = 2000;

/** Fail closed on reload too: an edit that asks for protection which is not there must not take effect without it. */
const accepts = (settings: Settings, flags: StartFlags, log: Logger): boolean => {
  const refusal = flags.allowInactive === true ? undefined : unprotected(settings, flags.config);
  if (refusal === undefined) return true;
  const reason = [refusal.message, ...refusal.remedy].join('\n');
  log.error({ event: 'config_refused', reason }, 'The configuration before this change stays in force');
  return false;
};

/**
 * Whoever asks twice does not want to wait. One Ctrl-C may arrive several times, from the terminal and from the npm that runs
 * us: what follows within half a second is the same one.
 */
const exitOnSecond = ({ interrupts$ }: Terminal): void =>
  void firstValueFrom(interrupts$.pipe(skipUntil(timer(500)))).then(() =>
    process.exit(exitCodes.interrupted),
  );
