import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** Where the gateway's pages are. */
const pages = '/connect';

/** What `grant: per_user` needs of the rest: a way for persons to show who they are, and pages that browsers can reach safely. */
export const checkPerUser = (config: RawConfig, report: Report): void => {
  if (!['/servers', '/auth', '/listen', '/transports'].every(report.sound)) return;
  const { servers, auth, listen = {}, transports = {} } = config;
  const [first] = Object.entries(servers ?? {}).filter(
    ([, server]) => server.type !== 'stdio' && server.oauth?.grant === 'per_user',
  );
  if (first === undefined) return;
  const grant = `${childPointer('/servers', first[0])}/oauth/grant`;
  const canSignIn =
    auth?.jwt?.issuers.some(({ sign_in: client }) => client !== undefined) === true ||
    auth?.api_keys?.sign_in === true;
  if (!canSignIn)
    report.add(
      grant,
      'With `per_user` each caller has to show at a browser who it is, and there is no way to',
      'Give an issuer under `auth.jwt.issuers` a `sign_in`, or write `sign_in: true` under `auth.api_keys`',
    );
  const { public_url: shown, path = '/mcp' } = listen;
  if (shown === undefined ? !isLoopback(listen.host ?? '127.0.0.1') : !isSafe(new URL(shown)))
    report.add(
      shown === undefined ? grant : '/listen/public_url',
      'With `per_user` browsers are sent to pages of the gateway, which only `https` keeps from others',
      'Write `listen.public_url: https://HOST`, as browsers see it',
    );
  const { path: sse = '/sse', messages_path: messages = '/messages' } = transports.legacy_sse ?? {};
  for (const [pointer, taken] of [
    ['/listen/path', path],
    ['/transports/legacy_sse/path', sse],
    ['/transports/legacy_sse/messages_path', messages],
  ] as const)
    if (taken === '/' || taken === pages || taken.startsWith(`${pages}/`))
      report.add(
        pointer,
        `With \`per_user\` the pages beneath ${pages} are the gateway's own`,
        'Choose another path',
      );
};

const isSafe = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || isLoopback(hostname);

const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
