import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadSettings } from '../config/load.js';
import type { RawConfig } from '../config/schema.js';
import type { Settings } from '../config/settings.js';
import { fromConfigFile } from '../sources/fromConfigFile.js';
import { constant, latest, type Latest, type LiveLatest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';

/** What a gateway is made with: an object of the shape of the file, the path of a file, or settings that change. */
export type Configuration = RawConfig | string | Latest<Settings>;

/**
 * The settings of a configuration. Of an object and of a file `${NAME}` is looked up in the environment; relative paths start at the
 * file's folder, those of an object at the working directory. A file is followed until it is closed.
 *
 * @throws ConfigError with all that is wrong
 */
export const configuredBy = (config: Configuration, log: Log): LiveLatest<Settings> => {
  const { env } = process;
  if (typeof config === 'string') {
    const first = loadSettings(readFileSync(config, 'utf8'), {
      file: config,
      env,
      baseDir: dirname(resolve(config)),
    });
    return latest(fromConfigFile(config, { env, log }), first, (error) =>
      log.error(
        { event: 'config_watch_failed', cause: error },
        'The configuration file is no longer watched',
      ),
    );
  }
  const settings = isSettings(config)
    ? config
    : constant(
        loadSettings(JSON.stringify(config, undefined, 2), {
          file: 'configuration',
          env,
          baseDir: process.cwd(),
        }),
      );
  return {
    get current() {
      return settings.current;
    },
    changes$: settings.changes$,
    close: () => undefined,
  };
};

const isSettings = (config: Exclude<Configuration, string>): config is Latest<Settings> =>
  'changes$' in config;
