import { randomBytes } from 'node:crypto';
import { catchError, concat, defer, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { Headers } from '../../protocol/classify.js';
import type { ConnectLink } from '../../protocol/connect/connectLink.js';
import { connectPages } from '../../protocol/connect/connectPages.js';
import type { ConnectFlow, ConnectStep } from '../../protocol/connect/connectSeals.js';
import { fromUnknown } from '../../protocol/errors.js';
import { textClaim } from '../../protocol/identity/claims.js';
import type { Caller } from '../../streams/identify.js';
import { prompted } from '../../streams/prompted.js';
import type { SignedIn, SignIn } from '../oauth/signIn.js';
import type { WebConsent } from '../oauth/webConsent.js';
import { unauthorized } from '../oauth/unauthorized.js';
import { TokenRefused } from '../oauth/tokenRefused.js';
import { browserCookies } from './browserCookies.js';
import type { ConnectHost } from './connectHost.js';
import type { PageAnswer } from './pageAnswer.js';

/** The paths of the pages, and of where browsers come back to. */
export const connectPaths = {
  root: '/connect/',
  go: '/connect/go/',
  key: '/connect/key',
  signedIn: '/connect/signed-in',
  agreed: '/connect/agreed/',
} as const;

/** How a person gets from a link to a grant. Each step is one request of its browser; nothing of it is held in between. */
export interface ConnectSteps {
  /** The page behind a link: says what is going on, and lets nobody past it by itself. */
  open(text: string): PageAnswer;
  /** On from a page: to the issuer, or where the person is known already, to the server's authorization server. */
  go(text: string): Observable<PageAnswer>;
  /** An API key was typed in. */
  showKey(form: URLSearchParams, caller: Caller): Observable<PageAnswer>;
  /** Back from the issuer: the same person as called, or nobody. */
  signedIn(query: URLSearchParams): Observable<PageAnswer>;
  /** Back from the authorization server of a server. */
  agreed(server: string, query: URLSearchParams): Observable<PageAnswer>;
}

/** @param headers of the request */
export const connectFlow = (host: ConnectHost, headers: Headers): ConnectSteps => {
  const origin = host.originOf(headers);
  const cookies = browserCookies(headers, origin.startsWith('https:'));
  const { links, steps, flows } = host.seals();
  const { log } = host;

  const stepOf = (text: string): ConnectStep | undefined => {
    const step = steps.open(text);
    return step !== undefined && step.browser === cookies.browser ? step : undefined;
  };

  /** Sends the browser away, with what it is known by when it comes back. */
  const away = (flow: ConnectFlow, to$: Observable<URL>): Observable<PageAnswer> =>
    to$.pipe(
      map((to) => {
        const kept = flows.seal(flow);
        if (kept.length > maxKept)
          throw unauthorized('The server wants more scopes than a browser can carry: name some in `scopes`');
        return { to, cookies: [cookies.keepFlow(flow.state, kept)] };
      }),
    );

  const toIssuer = (link: ConnectLink, issuer: SignIn): Observable<PageAnswer> => {
    const nonce = secret();
    const flow: ConnectFlow = { link, state: secret(), verifier: secret(), at: { place: 'issuer', nonce } };
    const redirectUri = origin + connectPaths.signedIn;
    return away(flow, issuer.begin({ ...flow, nonce, redirectUri }));
  };

  const toServer = (link: ConnectLink, consent: WebConsent): Observable<PageAnswer> =>
    defer(() => {
      const [state, verifier] = [secret(), secret()];
      let asked: ConnectFlow['at'] | undefined;
      return consent
        .begin(link, backFrom(link.server), (found) => {
          asked = { place: 'server', ...found };
          return { state, verifier };
        })
        .pipe(
          switchMap((to) =>
            asked === undefined
              ? of()
              : away({ link: { ...link, wanted: undefined }, state, verifier, at: asked }, of(to)),
          ),
        );
    });

  /** Each server has a way back of its own: an answer of one authorization server is none of another's (RFC 9700, 4.4). */
  const backFrom = (server: string): string => `${origin}${connectPaths.agreed}${encodeURIComponent(server)}`;

  /** What a browser that comes back was sent away with; once. */
  const returned = (
    query: URLSearchParams,
    work: (flow: ConnectFlow) => Observable<PageAnswer>,
  ): Observable<PageAnswer> => {
    const [state = '', ...more] = query.getAll('state');
    const flow = more.length === 0 && isState.test(state) ? openFlow(state) : undefined;
    if (flow?.state !== state) return of(connectPages.lost);
    return host.once(`connect ${state}`).pipe(
      switchMap((isFirst) => (isFirst ? work(flow) : of(connectPages.lost))),
      map((answer: PageAnswer) => ({
        ...answer,
        cookies: [cookies.dropFlow(state), ...(answer.cookies ?? [])],
      })),
    );
  };
  const openFlow = (state: string): ConnectFlow | undefined => {
    const kept = cookies.flow(state);
    return kept === undefined ? undefined : flows.open(kept);
  };

  /** What went wrong stands in the log; the page says no more than whose fault it is. */
  const told = (server: string, answer$: Observable<PageAnswer>): Observable<PageAnswer> =>
    answer$.pipe(
      catchError((error: unknown) => {
        const { message } = fromUnknown(error);
        log.warn(
          { event: 'connect_failed', server, reason: message },
          'A person could not authorize the gateway',
        );
        return of(error instanceof TokenRefused ? connectPages.refused(server) : connectPages.failed(server));
      }),
    );

  const goOn = (link: ConnectLink): Observable<PageAnswer> => {
    const consent = host.consentAt(link.server);
    return consent === undefined ? of(connectPages.lost) : told(link.server, toServer(link, consent));
  };

  /** Who was signed in by somebody else, as that one, sees it here, before anything of his own is given away. */
  const known = (link: ConnectLink, name?: string): PageAnswer => {
    const { browser } = cookies;
    if (browser === undefined) return connectPages.lost;
    return connectPages.known(link, connectPaths.go + steps.seal({ link, browser, isOwner: true }), name);
  };

  const notOwner = ({ server }: ConnectLink, name?: string): PageAnswer => {
    log.warn(
      { event: 'connect_by_another', server },
      'A page was opened by somebody else than the caller it was made for: nothing was authorized',
    );
    return connectPages.notOwner(name);
  };

  return {
    open(text) {
      const link = links.open(text);
      if (link === undefined || host.consentAt(link.server) === undefined) return connectPages.lost;
      const fresh = cookies.browser === undefined ? cookies.newBrowser() : undefined;
      const browser = fresh?.hash ?? cookies.browser ?? '';
      const step = steps.seal({ link, browser, isOwner: false });
      const page =
        link.owner.by === 'key'
          ? connectPages.askKey(link, connectPaths.key, step)
          : connectPages.askSignIn(link, connectPaths.go + step);
      return { ...page, ...(fresh !== undefined && { cookies: [fresh.header] }) };
    },
    go(text) {
      const step = stepOf(text);
      if (step === undefined) return of(connectPages.lost);
      const { link, isOwner } = step;
      if (isOwner) return goOn(link);
      const issuer = link.owner.by === 'issuer' ? host.signInAt(link.owner.issuer) : undefined;
      return issuer === undefined ? of(connectPages.lost) : told(link.server, toIssuer(link, issuer));
    },
    showKey(form, caller) {
      const step = stepOf(form.get('step') ?? '');
      if (step?.link.owner.by !== 'key' || !host.takesKeys()) return of(connectPages.lost);
      const { link } = step;
      const { namespace } = step.link.owner;
      const shown: Caller = {
        ...caller,
        namespace,
        headers: { ...caller.headers, 'x-api-key': form.get('key') ?? '' },
      };
      return defer(() => prompted(host.identify(shown))).pipe(
        map(({ id, method }) => method === 'api_key' && id === link.principalId),
        // Wrong, or somebody else's: one answer for both.
        catchError((error: unknown) =>
          [400, 401, 403].includes(fromUnknown(error).facts.http) ? of(false) : throwError(() => error),
        ),
        map((isOwner): PageAnswer => {
          if (!isOwner) return notOwner(link);
          return known(link);
        }),
        catchError(() => of(connectPages.busy)),
      );
    },
    signedIn: (query) =>
      returned(query, ({ link, state, verifier, at }) => {
        const { owner, server } = link;
        if (at.place !== 'issuer' || owner.by !== 'issuer') return of(connectPages.lost);
        const issuer = host.signInAt(owner.issuer);
        if (issuer === undefined) return of(connectPages.lost);
        const back = { state, verifier, nonce: at.nonce, redirectUri: origin + connectPaths.signedIn };
        return told(
          server,
          issuer
            .finish(query, back)
            .pipe(
              map((claims) =>
                claims.sub === owner.subject ? known(link, nameIn(claims)) : notOwner(link, nameIn(claims)),
              ),
            ),
        );
      }),
    agreed: (server, query) =>
      returned(query, ({ link, state, verifier, at }) => {
        const consent = host.consentAt(server);
        if (at.place !== 'server' || server !== link.server || consent === undefined)
          return of(connectPages.lost);
        const { place: _place, ...asked } = at;
        const back = { state, verifier, redirectUri: backFrom(server) };
        return told(
          server,
          concat(
            consent.finish(link, asked, query, back),
            defer(() => {
              host.given(link.key);
              log.info({ event: 'connected', server }, 'A person has authorized the gateway');
              return of(connectPages.done(server));
            }),
          ),
        );
      }),
  };
};

/** Browsers keep cookies of some 4 KiB. */
const maxKept = 3900;

/** The person in words that it knows, as far as the issuer gives any. */
const nameIn = (claims: SignedIn): string =>
  textClaim(claims, 'preferred_username') ??
  textClaim(claims, 'email') ??
  textClaim(claims, 'name') ??
  claims.sub;

const isState = /^[\w-]{43}$/;

/** 256 bits that nobody guesses. */
const secret = (): string => randomBytes(32).toString('base64url');
