import type { Settings } from '../config/settings.js';
import type { Gateway } from '../gateway.js';
import { CliError } from './cliError.js';

interface ListenError extends Error {
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
}

/** Opens the gateway's ports. Errors with a {@link CliError} that names the port and the remedy when one can not be had. */
export const listenOrExplain = async (
  gateway: Gateway,
  { listen, admin }: Settings,
): Promise<Awaited<ReturnType<Gateway['listen']>>> => {
  try {
    return await gateway.listen();
  } catch (error) {
    const cause = listenErrorIn(error);
    if (cause?.port === undefined) throw error;
    const isAdmin = cause.port === admin.port && cause.port !== listen.port;
    const [flag, key] = isAdmin ? ['--admin-port', 'admin.port'] : ['--port', 'listen.port'];
    const place = `${cause.address ?? ''}:${cause.port}`;
    throw new CliError(
      `${isAdmin ? 'The admin listener' : 'The gateway'} can not listen on ${place}: ${reasonOf(cause)}`,
      {
        cause: error,
        remedy: [`Choose another port with ${flag} (0 takes any free one) or ${key} in the configuration.`],
      },
    );
  }
};

const reasonOf = ({ code, message }: ListenError): string => {
  if (code === 'EADDRINUSE') return 'another program has this port';
  if (code === 'EACCES') return 'this user may not open this port';
  return code === 'EADDRNOTAVAIL' ? 'this machine has no such address' : message;
};

const listenErrorIn = (error: unknown): ListenError | undefined => {
  let inner = error;
  for (let depth = 0; depth < 5 && inner instanceof Error; depth++) {
    if ((inner as NodeJS.ErrnoException).syscall === 'listen') return inner;
    inner = inner.cause;
  }
  return undefined;
};
