import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defer, Observable, Subject, take } from 'rxjs';
import type { Consent } from './consent.js';
import { unauthorized } from './unauthorized.js';

export interface LoopbackConsentOptions {
  /** Where to wait for the browser, on loopback; any free port unless it names one. */
  readonly redirectUri: string | undefined;
  /** Shows the URL to the person. */
  readonly show: (url: URL) => void;
}

const page = (text: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Sluice</title><p style="font:1.2em system-ui;margin:4em">${text}</p>`;

/**
 * Waits on loopback for the browser of the person at this machine (RFC 8252, 7.3), for one answer with the `state` of the URL that was
 * shown; whatever else comes is turned away.
 *
 * @returns errors with `ERR_UPSTREAM_UNAUTHORIZED` when the port is taken
 */
export const loopbackConsent =
  ({ redirectUri = 'http://127.0.0.1/callback', show }: LoopbackConsentOptions): Consent =>
  () =>
    new Observable((subscriber) => {
      const wanted = new URL(redirectUri);
      const host = wanted.hostname.replace(/^\[|\]$/g, '');
      const arrived = new Subject<URLSearchParams>();
      let state: string | null = null;

      const answer = (request: IncomingMessage, response: ServerResponse): void => {
        const target = `${wanted.origin}${request.url ?? ''}`;
        const { pathname, searchParams } = new URL(URL.canParse(target) ? target : wanted.origin);
        const tell = (status: number, text: string, then?: () => void): void => {
          const headers = { 'content-type': 'text/html', 'content-security-policy': "default-src 'none'" };
          response.writeHead(status, { ...headers, connection: 'close', 'referrer-policy': 'no-referrer' });
          response.end(page(text), then);
        };
        if (request.method !== 'GET' || pathname !== wanted.pathname) tell(404, 'There is nothing here.');
        else if (state === null || searchParams.get('state') !== state)
          tell(400, 'This answer belongs to another question.');
        else
          tell(200, 'Sluice has got the answer: go back to the terminal.', () => arrived.next(searchParams));
      };

      const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, answer);
      server.on('error', () =>
        subscriber.error(unauthorized('The port of `redirect_uri` can not be listened on: is it in use?')),
      );
      server.listen(wanted.port === '' ? 0 : Number(wanted.port), host, () => {
        const { port } = server.address() as AddressInfo;
        subscriber.next({
          redirectUri:
            wanted.port === '' ? `http://${wanted.hostname}:${port}${wanted.pathname}` : redirectUri,
          show: (url) =>
            defer(() => {
              state = url.searchParams.get('state');
              show(url);
              return arrived.pipe(take(1));
            }),
        });
      });
      return () => {
        server.close();
        server.closeAllConnections();
      };
    });
