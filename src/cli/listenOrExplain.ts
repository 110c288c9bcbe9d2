import type { Settings } from '../config/settings.js';
import type { Gateway } from '../gateway/gateway.js';
import { AdvertiseError } from '../gateway/advertiseError.js';
import { ListenError } from '../gateway/listenError.js';
import { CrewError } from '../gateway/workers/crewError.js';
import { AnalyticsError } from '../sinks/analytics/analyticsError.js';
import { CliError } from './cliError.js';

/** Opens the gateway's ports. Errors with a {@link CliError} that names the port and the flag when one can not be had, or what other instances lack. */
export const listenOrExplain = async (
  gateway: Pick<Gateway, 'listen'>,
  { listen, admin }: Settings,
): Promise<Awaited<ReturnType<Gateway['listen']>>> => {
  try {
    return await gateway.listen();
  } catch (error) {
    if (error instanceof AdvertiseError)
      throw new CliError(error.message, {
        cause: error,
        remedy: ['Set cluster.advertise in the configuration, e.g. to http://${POD_IP}:8080.'],
      });
    if (error instanceof AnalyticsError)
      throw new CliError(error.message, {
        cause: error,
        remedy: ['See `analytics` in the configuration, and docs/analytics.md.'],
      });
    if (error instanceof CrewError)
      throw new CliError(error.message, { cause: error, remedy: ['What it wrote before that says why.'] });
    if (!(error instanceof ListenError)) throw error;
    const isAdmin = error.port === admin.port && error.port !== listen.port;
    const [flag, key] = isAdmin ? ['--admin-port', 'admin.port'] : ['--port', 'listen.port'];
    throw new CliError(error.message, {
      cause: error,
      remedy: [`Set ${flag} (0 takes any free one), or ${key} in the configuration.`],
    });
  }
};
