import { Option, type Command } from 'commander';
import { lastValueFrom, map, merge, mergeMap, NEVER, take, takeUntil, tap, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { mcpBackend } from '../sources/backends/mcp/mcpBackend.js';
import type { Backend, Offer } from '../streams/backend.js';
import { silent } from '../streams/log.js';
import { CliError, exitCodes } from './cliError.js';
import { explained } from './explained.js';
import { version, type Terminal } from './terminal.js';

/** Where a gateway is, and what it wants to be told with each request. */
export interface AddressFlags {
  readonly url: string;
  readonly header: Readonly<Record<string, string>>;
}

/** What every command that talks to a gateway can be told. */
export interface ConnectionFlags extends AddressFlags {
  readonly protocol: 'auto' | 'legacy' | 'modern';
}

const defaultUrl = 'http://127.0.0.1:8080/mcp';

/** Adds `--url`, or another name for it, and `--header` to a command. */
export const withAddress = (command: Command, flags = '-u, --url <url>'): Command =>
  command
    .addOption(
      new Option(flags, 'the MCP endpoint')
        .default(defaultUrl)
        .env('SLUICE_URL')
        .argParser(asUrl(/--\w+/.exec(flags)?.[0] ?? flags)),
    )
    .option('-H, --header <"name: value">', 'a header for every request; may be repeated', asHeader, {});

/** Adds `--url`, `--header` and `--protocol` to a command. */
export const withConnection = (command: Command): Command =>
  withAddress(command).addOption(
    new Option('--protocol <era>', 'which era of MCP to speak')
      .choices(['auto', 'legacy', 'modern'])
      .default('auto'),
  );

const asUrl =
  (flag: string) =>
  (text: string): string => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw new CliError(`${flag} is not an http(s) address: ${text}`, {
        exitCode: exitCodes.usage,
        remedy: [`It looks like ${defaultUrl}`],
      });
    // An address without a path means the endpoint /mcp of that host, as in the configuration.
    if (url.pathname === '/') url.pathname = '/mcp';
    return url.href;
  };

const asHeader = (text: string, before: Readonly<Record<string, string>>): Record<string, string> => {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([^\r\n]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new CliError('--header takes "name: value"', {
      exitCode: exitCodes.usage,
      remedy: ['For example: --header "authorization: Bearer …"'],
    });
  return { ...before, [name.toLowerCase()]: value };
};

/** The gateway as a backend: the command line is a client made of the gateway's own parts. */
const connect = ({ url, header, protocol }: ConnectionFlags): Backend =>
  mcpBackend({
    name: 'gateway',
    url,
    headers: header,
    protocol,
    log: silent,
    clientInfo: { name: 'sluice-cli', version },
  });

/**
 * Connects, lets `use` work with what the gateway offers, and disconnects, come what may.
 *
 * The stream errors with a {@link CliError} on Ctrl-C, after `timeoutMs` and when the gateway fails; in each case what runs
 * is unsubscribed, which cancels it at the gateway too.
 *
 * @param timeoutMs longest time for everything, in milliseconds; undefined for no limit
 */
export const throughGateway = async <T>(
  flags: ConnectionFlags,
  terminal: Terminal,
  timeoutMs: number | undefined,
  use: (backend: Backend, offer: Offer) => Observable<T>,
  each: (value: T) => void,
): Promise<void> => {
  const backend = connect(flags);
  const work$ = backend.offer().pipe(
    take(1),
    mergeMap((offer) => use(backend, offer)),
  );
  try {
    const ends$ = merge(interrupted(terminal), expired(timeoutMs));
    await lastValueFrom(work$.pipe(tap(each), takeUntil(ends$)), { defaultValue: undefined });
  } catch (error) {
    throw explained(error, flags.url);
  } finally {
    await backend.close(closeGraceMs);
  }
};

/** The session's end is a courtesy: a gateway that does not answer must not hold up the shell. */
const closeGraceMs = 500;

const interrupted = ({ interrupts$ }: Terminal): Observable<never> =>
  interrupts$.pipe(
    map(() => {
      throw new CliError('Interrupted: the call has been cancelled.', { exitCode: exitCodes.interrupted });
    }),
  );

const expired = (ms: number | undefined): Observable<never> =>
  ms === undefined
    ? NEVER
    : timer(ms).pipe(
        map(() => {
          throw new CliError(`No answer within ${ms / 1000} s: the call has been cancelled.`, {
            remedy: ['Give it longer with --timeout.'],
          });
        }),
      );
