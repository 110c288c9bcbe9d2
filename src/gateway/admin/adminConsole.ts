import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../streams/log.js';
import { ApiError } from './apiError.js';
import { consolePage, type ConsolePage } from './consolePage.js';
import type { Entry } from './entry.js';
import { findRoute } from './findRoute.js';
import type { OidcSignIn } from './oidcSignIn.js';
import { readJson } from './readJson.js';
import type { ApiAnswer, Route } from './route.js';
import { writeAnswer } from './writeAnswer.js';

export interface AdminConsoleOptions {
  readonly entry: Entry;
  /** Sign-in with an account elsewhere. */
  readonly oidc: OidcSignIn;
  /** What the API answers besides `/me`, sign-in and sign-out. */
  readonly routes: readonly Route[];
  readonly version: string;
  /** The id of the gateway among others. */
  readonly gateway?: string | undefined;
  readonly log: Log;
  readonly page?: ConsolePage;
}

/** Answers a request, whatever it is; its `Host` has been found allowed. Never rejects. */
export type AdminConsole = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

const base = '/api/v1';
/** What signing in, filters and questions need. */
const smallBytes = 64 * 1024;

/** The console: the page at `/`, and the API beneath `/api/v1` that it and programs use (docs/console.md). */
export const adminConsole = (options: AdminConsoleOptions): AdminConsole => {
  const { entry, oidc, log, page = consolePage() } = options;
  const find = findRoute([...ownRoutes(options), ...options.routes]);

  const api = async (path: string, request: IncomingMessage): Promise<ApiAnswer> => {
    if (!entry.isOpen) throw new ApiError('ERR_NOT_CONFIGURED', howToSetUp);
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    if (method === 'POST' && path === '/sign-in') {
      const { key } = await readJson(request, smallBytes);
      if (typeof key !== 'string') throw new ApiError('ERR_INVALID_REQUEST', 'Send `{ "key": "…" }`');
      return { headers: { 'set-cookie': entry.signIn(request, key) } };
    }
    const entered = entry.enter(request);
    if (entered === undefined)
      throw new ApiError('ERR_UNAUTHENTICATED', 'Sign in first', { more: { sign_in: entry.ways } });
    const { route, at } = find(method, path);
    if (route.adminsOnly === true && entered.person.role !== 'admin')
      throw new ApiError('ERR_FORBIDDEN', 'A viewer may look and do nothing: sign in as an admin');
    const body = method === 'GET' ? {} : await readJson(request, route.maxBytes ?? smallBytes);
    const [, query] = /\?(.*)$/s.exec(request.url ?? '') ?? [];
    const address = entry.addressOf(request);
    return route.answer({ ...entered, address, at, query: new URLSearchParams(query), body, request });
  };

  return async (path, request, response) => {
    try {
      if (path.startsWith(`${base}/`)) {
        writeAnswer(request, response, await api(path.slice(base.length), request));
        return;
      }
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new ApiError('ERR_METHOD_NOT_ALLOWED', 'Only GET and HEAD', {
          headers: { allow: 'GET, HEAD' },
        });
      const signedIn = await oidc.answer(path, request);
      if (signedIn !== undefined) {
        writeAnswer(request, response, signedIn);
        return;
      }
      if (entry.isOpen && (await page(path, request, response))) return;
      if (path !== '/')
        throw new ApiError('ERR_NOT_FOUND', 'Nothing here; try /, /healthz, /readyz or /metrics');
      writeAnswer(request, response, plain(entry.isOpen ? notBuilt : howToSetUp));
    } catch (error) {
      if (request.destroyed && !response.writable) return;
      const answer = refused(error, log);
      // Who comes back from a provider is a person before a blank page.
      const isPage = path.startsWith('/sign-in/') && error instanceof ApiError;
      writeAnswer(request, response, isPage ? { ...plain(error.message), status: error.status } : answer);
    }
  };
};

const ownRoutes = ({ entry, version, gateway }: AdminConsoleOptions): readonly Route[] => [
  {
    method: 'GET',
    path: '/me',
    answer: ({ person: { user, tenant, role, method }, signIn }) => ({
      json: { user, tenant, roles: [role], csrf: signIn?.csrf, method, version, gateway },
    }),
  },
  {
    method: 'POST',
    path: '/sign-out',
    answer: ({ person, request }) => ({ headers: { 'set-cookie': entry.signOut(request, person) } }),
  },
];

const plain = (text: string): ApiAnswer => ({
  body: { type: 'text/plain; charset=utf-8', content: `${text}\n` },
});

const howToSetUp =
  'The console is off, as nobody could sign in: add `admin: { key: "${SLUICE_ADMIN_KEY}" }` to the configuration (`openssl rand -base64 32` makes a key), or `admin.oidc`. `sluice start` on a terminal makes a key for its run. See docs/console.md.';
const notBuilt =
  'The page of the console has not been built: `npm run build` does it. The API answers under /api/v1. See docs/console.md.';

const refused = (error: unknown, log: Log): ApiAnswer => {
  if (error instanceof ApiError) {
    const { code, message, headers, more, status } = error;
    return { json: { error: { code, message }, ...more }, headers, status };
  }
  log.error({ event: 'console_failed', cause: error }, 'The admin API could not answer');
  const message = 'This could not be answered: the log says why';
  return { json: { error: { code: 'ERR_INTERNAL', message } }, status: 500 };
};
