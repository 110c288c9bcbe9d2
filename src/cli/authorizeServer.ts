import { concat, defer, from, lastValueFrom, map, merge, takeUntil, timer } from 'rxjs';
import { concatMap, finalize, switchMap, tap, throwError, timeout, type Observable } from 'rxjs';
import type { NetworkSettings } from '../config/networkSettings.js';
import type { OAuthSettings } from '../config/oauthSettings.js';
import type { McpServerSettings, Settings } from '../config/settings.js';
import { grantsOf } from '../gateway/grantsOf.js';
import { fromUnknown } from '../protocol/errors.js';
import { httpLink } from '../sources/backends/mcp/httpLink.js';
import { mcpBackend } from '../sources/backends/mcp/mcpBackend.js';
import { probeChallenge } from '../sources/backends/mcp/probeChallenge.js';
import { loopbackConsent } from '../sources/oauth/loopbackConsent.js';
import { oauthCredentials } from '../sources/oauth/oauthCredentials.js';
import type { GrantStore } from '../streams/grants.js';
import { constant } from '../streams/latest.js';
import { silent } from '../streams/log.js';
import { CliError, exitCodes } from './cliError.js';
import { nearest } from './nearest.js';
import { openBrowser } from './openBrowser.js';
import { readConfig } from './readConfig.js';
import { coloursOf, version, type Terminal } from './terminal.js';

export interface AuthorizeFlags {
  readonly config: string;
  /** Whether to open a browser. */
  readonly browser: boolean;
}

/** A person may take this long, in milliseconds. */
const patienceMs = 10 * 60_000;
/** A server may take this long to show its tools, in milliseconds. */
const offerMs = 30_000;

/**
 * Gets tokens for every instance of a server, stores them, and proves them by listing what the server offers.
 *
 * @throws CliError when the server is none of those, when it or its authorization server refuses, and on Ctrl-C
 */
export const authorizeServer = async (
  name: string,
  flags: AuthorizeFlags,
  terminal: Terminal,
): Promise<void> => {
  const reading = readConfig(flags.config, terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  const server = find(reading.settings, name, reading.file);
  const grants = grantsOf(constant(reading.settings));
  const { network } = reading.settings;
  const rules = () => network;
  const work$ = from(server.urls).pipe(
    concatMap((url) => authorize(server, url, { grants, rules }, flags, terminal)),
  );
  const ends$ = merge(
    terminal.interrupts$.pipe(
      map(() => {
        throw new CliError('Interrupted: nothing has been stored.', { exitCode: exitCodes.interrupted });
      }),
    ),
    timer(patienceMs).pipe(
      map(() => {
        throw new CliError(`Nobody has agreed within ${patienceMs / 60_000} minutes.`);
      }),
    ),
  );
  try {
    await lastValueFrom(work$.pipe(takeUntil(ends$)), { defaultValue: undefined });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(fromUnknown(error).toJsonRpc().message, { cause: error });
  }
};

type OAuthServer = McpServerSettings & { readonly oauth: OAuthSettings };

const find = ({ servers }: Settings, name: string, file: string): OAuthServer => {
  const wants = (server: Settings['servers'][number]): server is OAuthServer =>
    server.type === 'mcp' && server.oauth !== undefined;
  const server = servers.find((candidate) => candidate.name === name);
  if (server !== undefined && wants(server)) return server;
  const names = servers.filter(wants).map((candidate) => candidate.name);
  const near = nearest(name, names);
  throw new CliError(
    server === undefined
      ? `${file} has no server "${name}"`
      : `The server "${name}" has no \`oauth\` in ${file}`,
    {
      exitCode: exitCodes.usage,
      remedy: [
        ...(near === undefined ? [] : [`Did you mean ${near}?`]),
        names.length === 0
          ? 'Add `oauth: {}` to a server of type mcp.'
          : `Servers that can be authorized: ${names.join(', ')}`,
      ],
    },
  );
};

const authorize = (
  { name, headers, protocol, oauth }: OAuthServer,
  url: string,
  { grants, rules }: { readonly grants: GrantStore; readonly rules: () => NetworkSettings },
  flags: AuthorizeFlags,
  terminal: Terminal,
): Observable<unknown> => {
  const { stdout, stderr, env } = terminal;
  const { bold, green } = coloursOf(stderr, env);
  const show = (target: URL): void => {
    stderr.write(
      `Open this to let Sluice use ${bold(name)}:\n\n  ${target.href}\n\nWaiting for the browser …\n`,
    );
    if (flags.browser && stdout.isTTY === true) openBrowser(target, env);
  };
  const consent = loopbackConsent({ redirectUri: oauth.redirectUri, show });
  const base = { name, url, headers, log: silent, clientInfo: { name: 'sluice', version } };
  const credentials = oauthCredentials({
    server: name,
    url,
    settings: oauth,
    rules,
    store: grants,
    consent,
    log: silent,
  });

  const probe = defer(() => {
    const link = httpLink({
      ...base,
      maxMessageBytes: 1,
      listener: { changed: () => {}, updated: () => {}, completed: () => {} },
    });
    return probeChallenge(link).pipe(finalize(() => void link.destroy()));
  });
  const proof = defer(() => {
    const backend = mcpBackend({ ...base, protocol, credentials });
    return backend.offer().pipe(
      timeout({ first: offerMs, with: () => throwError(() => tookTooLong(name)) }),
      tap(({ tools }) =>
        stderr.write(
          `${green('ok')} ${name}: authorized, ${tools.length} tool${tools.length === 1 ? '' : 's'}\n`,
        ),
      ),
      finalize(() => void backend.close(0)),
    );
  });
  return probe.pipe(
    switchMap((challenge) => concat(credentials.authorize(challenge), proof)),
    finalize(credentials.close),
  );
};

const tookTooLong = (name: string): CliError =>
  new CliError(`The server "${name}" takes the token, but did not list its tools within ${offerMs / 1000} s`);
