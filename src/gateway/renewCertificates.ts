import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Observable, Subscription } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { drain } from '../streams/drain.js';
import type { Log } from '../streams/log.js';
import { tlsOptions } from './tlsOptions.js';

/**
 * Takes new certificates, authorities and revocation lists for connections from now on.
 *
 * Where it changes who is accepted, connections that were made before are retired: idle ones and WebSockets at once, one with an
 * answer under way when that has left, at the latest after the time that there is for draining.
 */
export const renewCertificates = (
  server: Server,
  first: Settings,
  changes$: Observable<Settings>,
  log: Log,
): Subscription | undefined => {
  if (!(server instanceof HttpsServer)) return undefined;
  const answers = new Map<TLSSocket, ServerResponse | undefined>();
  server.on('secureConnection', (socket) => {
    answers.set(socket, undefined);
    socket.on('close', () => answers.delete(socket));
  });
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answers.set(socket as TLSSocket, response);
    response.once('close', () => {
      if (answers.get(socket as TLSSocket) === response) answers.set(socket as TLSSocket, undefined);
    });
  });
  const retire = (graceMs: number): void => {
    for (const [socket, response] of [...answers]) {
      if (response === undefined) {
        socket.destroySoon();
        continue;
      }
      if (!response.headersSent) response.shouldKeepAlive = false;
      response.once('close', () => socket.destroySoon());
      const end = setTimeout(() => socket.destroy(), graceMs);
      end.unref();
      socket.once('close', () => clearTimeout(end));
    }
  };
  let [own, accepted] = factsOf(first);
  return drain(changes$, (next) => {
    const options = tlsOptions(next);
    const [nextOwn, nextAccepted] = factsOf(next);
    if (options === undefined || (nextOwn === own && nextAccepted === accepted)) return;
    server.setSecureContext(options);
    if (nextAccepted !== accepted) retire(next.drainTimeoutMs);
    [own, accepted] = [nextOwn, nextAccepted];
    log.info({ event: 'certificates_renewed' }, 'New certificates are in use');
  });
};

/** What the gateway shows of itself, and whom it accepts. */
const factsOf = ({ listen: { tls }, auth }: Settings): readonly [own: string, accepted: string] => [
  tls?.cert ?? '',
  `${auth?.mtls?.ca ?? ''} ${auth?.mtls?.crl ?? ''}`,
];
