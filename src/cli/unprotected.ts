import { isIP } from 'node:net';
import type { Settings } from '../config/settings.js';
import { CliError } from './cliError.js';

/**
 * Why a gateway with these settings would be more open than its operator means it to be; undefined when it would not.
 *
 * @param file the configuration as its operator calls it
 */
export const unprotected = (settings: Settings, file: string): CliError | undefined => {
  const missing = settings.inactive.filter(({ unsafe }) => unsafe);
  if (missing.length > 0)
    return new CliError('The configuration asks for protection that this version does not give yet:', {
      remedy: [
        ...missing.map(({ line, column, path, message }) => `${file}:${line}:${column}: ${path}: ${message}`),
        '',
        'Starting anyway would leave open what is meant to be closed. Take these keys out,',
        'or start with --allow-inactive if something else protects the gateway.',
      ],
    });
  const { host } = settings.listen;
  if (isLoopback(host) || settings.auth !== undefined) return undefined;
  return new CliError(
    `Listening on ${host} would let anyone who reaches it call every tool: no authentication is configured`,
    {
      remedy: [
        'Configure `auth` (docs/authentication.md),',
        'or listen on 127.0.0.1 (the default) and put an authenticating proxy in front of it,',
        'or start with --allow-inactive if something else, such as a firewall, protects the gateway.',
      ],
    },
  );
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
